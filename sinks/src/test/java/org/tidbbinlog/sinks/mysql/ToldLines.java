package org.tidbbinlog.sinks.mysql;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** What one class writes to the log while a test listens. */
public final class ToldLines implements AutoCloseable {
  private final Logger logger;
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  /**
   * @param logger the class's full name
   */
  public ToldLines(String logger) {
    this.logger = (Logger) LoggerFactory.getLogger(logger);
    appender.start();
    this.logger.addAppender(appender);
  }

  /** Each line whose message contains {@code text}: the values of its keys, with blanks between. */
  public List<String> with(String text) {
    return List.copyOf(appender.list).stream()
        .filter(line -> line.getFormattedMessage().contains(text))
        .map(ToldLines::values)
        .toList();
  }

  private static String values(ILoggingEvent line) {
    return line.getKeyValuePairs().stream()
        .map(pair -> String.valueOf(pair.value))
        .collect(Collectors.joining(" "));
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
  }
}
