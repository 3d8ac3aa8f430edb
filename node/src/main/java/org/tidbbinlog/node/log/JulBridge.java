package org.tidbbinlog.node.log;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Takes warnings and errors of libraries that use the JDK's logging (gRPC) into our log. */
final class JulBridge extends Handler {
  private final SimpleFormatter formatter = new SimpleFormatter();

  private JulBridge() {}

  static void install() {
    Logger root = LogManager.getLogManager().getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(new JulBridge());
    root.setLevel(Level.WARNING);
  }

  @Override
  public void publish(LogRecord record) {
    if (record.getLevel().intValue() < Level.WARNING.intValue()) {
      return;
    }
    String name = record.getLoggerName() == null ? "jul" : record.getLoggerName();
    org.slf4j.Logger log = LoggerFactory.getLogger(name);
    boolean severe = record.getLevel().intValue() >= Level.SEVERE.intValue();
    LoggingEventBuilder event = severe ? log.atError() : log.atWarn();
    Throwable thrown = record.getThrown();
    if (thrown != null) {
      event = event.setCause(thrown);
    }
    event.log(formatter.formatMessage(record));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
