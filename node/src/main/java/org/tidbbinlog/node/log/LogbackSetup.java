package org.tidbbinlog.node.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.OutputStream;

/** Replaces Logback's configuration files; found by it through {@code META-INF/services}. */
public final class LogbackSetup extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    install(context, new Logging.Stdout(), Level.INFO);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  static void install(LoggerContext context, OutputStream out, Level threshold) {
    ZapEncoder encoder = new ZapEncoder();
    encoder.setContext(context);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setName("log");
    appender.setEncoder(encoder);
    appender.setOutputStream(out);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(appender);
    root.setLevel(threshold);
    Level libraries = threshold.isGreaterOrEqual(Level.WARN) ? threshold : Level.WARN;
    for (String library : new String[] {"io.netty", "io.grpc", "io.prometheus", "org.mariadb"}) {
      Logging.limit(context, library, libraries);
    }
    JulBridge.install();
  }
}
