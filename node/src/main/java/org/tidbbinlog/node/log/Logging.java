package org.tidbbinlog.node.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Locale;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.log.LogbackSetup.Shown;

/** Sets the process's logging up; until then INFO and above go to stdout in the same format. */
public final class Logging {
  /** Puts {@code FATAL} instead of {@code ERROR} into the line. */
  public static final Marker FATAL = MarkerFactory.getMarker("FATAL");

  private static volatile boolean inFile;

  private Logging() {}

  /**
   * @param level debug, info, warn, error or fatal
   * @param file path of the log file; empty = stdout
   * @throws OperatorException when the file cannot be opened or the level is unknown
   */
  public static void configure(String level, String file, LogRotation rotation) {
    Level threshold = level(level);
    OutputStream out =
        file.isEmpty() ? new Stdout() : RotatedFile.open(Path.of(file), rotation, Clock.system());
    install(out, threshold, level.equalsIgnoreCase("fatal") ? Shown.FATAL : Shown.ALL);
    inFile = !file.isEmpty();
  }

  /** Tells the person at the terminal what otherwise stands only in the log file. */
  public static void alsoToTerminal(String line) {
    if (inFile) {
      System.err.println(line);
    }
  }

  /** Writes to stdout at this level. */
  public static void configure(String level) {
    configure(level, "", LogRotation.SIZE_ONLY);
  }

  /** From this name on down only warnings and errors: a tool whose output people read. */
  public static void quiet(String name) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      limit(context, name, Level.WARN);
    }
  }

  /** Lines are written whole and unbuffered; nothing is left to do but what the stream holds. */
  public static void flush() {
    System.out.flush();
  }

  static void install(OutputStream out, Level threshold, Shown shown) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      LogbackSetup.install(context, out, threshold, shown);
    }
  }

  static Level level(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "debug" -> Level.DEBUG;
      case "info", "" -> Level.INFO;
      case "warn", "warning" -> Level.WARN;
      case "error", "fatal" -> Level.ERROR;
      default ->
          throw new OperatorException(
              "log level is " + text + ", must be debug, info, warn, error or fatal");
    };
  }

  /** Changes the level of one name, for example a library's. */
  static void limit(LoggerContext context, String name, Level level) {
    Logger logger = context.getLogger(name);
    logger.setLevel(level);
  }

  /** Looks the stream up at each write, so that tests may replace it; never closes it. */
  static final class Stdout extends OutputStream {
    @Override
    public void write(int b) {
      System.out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      System.out.write(bytes, offset, length);
    }

    @Override
    public void flush() {
      System.out.flush();
    }
  }
}
