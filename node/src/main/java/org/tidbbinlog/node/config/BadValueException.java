package org.tidbbinlog.node.config;

/** A text that is not of an option's kind; the message is the reason alone. */
public final class BadValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadValueException(String reason) {
    super(reason);
  }

  public String reason() {
    String reason = getMessage();
    return reason == null ? "" : reason;
  }
}
