package org.tidbbinlog.base;

/**
 * The operator must act: the message is one line that names what is wrong, where, and the way out.
 * Commands print it and exit with {@link #exitCode()}; there is nothing to retry and no stack trace
 * to read.
 */
public class OperatorException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int exitCode;

  public OperatorException(String message) {
    this(message, 1);
  }

  public OperatorException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  public OperatorException(String message, Throwable cause) {
    super(message, cause);
    this.exitCode = 1;
  }

  public final int exitCode() {
    return exitCode;
  }
}
