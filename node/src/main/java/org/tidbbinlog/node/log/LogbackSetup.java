package org.tidbbinlog.node.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.spi.FilterReply;
import java.io.OutputStream;
import java.util.List;
import org.slf4j.Marker;

/** Replaces Logback's configuration files; found by it through {@code META-INF/services}. */
public final class LogbackSetup extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    install(context, new Logging.Stdout(), Level.INFO, Shown.ALL);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** What of the lines above the threshold is written. */
  enum Shown {
    ALL,
    /** Those marked {@link Logging#FATAL}. */
    FATAL
  }

  static void install(LoggerContext context, OutputStream out, Level threshold, Shown shown) {
    ZapEncoder encoder = new ZapEncoder();
    encoder.setContext(context);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setName("log");
    appender.setEncoder(encoder);
    appender.setOutputStream(out);
    if (shown == Shown.FATAL) {
      appender.addFilter(new FatalOnly());
    }
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

  private static final class FatalOnly extends Filter<ILoggingEvent> {
    @Override
    public FilterReply decide(ILoggingEvent event) {
      List<Marker> markers = event.getMarkerList();
      return markers != null && markers.contains(Logging.FATAL)
          ? FilterReply.NEUTRAL
          : FilterReply.DENY;
    }
  }
}
