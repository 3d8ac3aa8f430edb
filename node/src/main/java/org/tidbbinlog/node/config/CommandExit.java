package org.tidbbinlog.node.config;

/**
 * The command line asked for nothing to be run: help, version, or a flag that does not exist.
 * Carries what to print and the exit code. Source: pump section 3.
 */
public final class CommandExit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Where the text goes. */
  public enum Stream {
    STDOUT,
    STDERR
  }

  private final int code;
  private final Stream stream;

  CommandExit(int code, Stream stream, String text) {
    super(text);
    this.code = code;
    this.stream = stream;
  }

  public int code() {
    return code;
  }

  public Stream stream() {
    return stream;
  }

  /** The whole text, lines ended. */
  public String text() {
    String text = getMessage();
    return text == null ? "" : text;
  }

  /** Prints and answers the exit code. */
  public int print() {
    (stream == Stream.STDOUT ? System.out : System.err).print(text());
    return code;
  }
}
