package org.tidbbinlog.codec;

/**
 * Bytes that are not what they should be. The one exception a decoder of this module throws for bad
 * input. The message is one short line: what, at which offset of the decoded buffer, and a few
 * bytes or words of context; never the input itself.
 */
public final class DecodeException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_CONTEXT_CHARS = 160;

  private final String what;
  private final int offset;

  public DecodeException(String what, int offset) {
    this(what, offset, "");
  }

  /**
   * @param offset bytes from the start of the buffer that was given to the decoder
   * @param context may be empty; cut when long
   */
  public DecodeException(String what, int offset, String context) {
    super(message(what, offset, context));
    this.what = what;
    this.offset = offset;
  }

  /** What is wrong, without offset and context. */
  public String what() {
    return what;
  }

  public int offset() {
    return offset;
  }

  /** The same failure, seen by the decoder of an outer structure. */
  public DecodeException within(String outer) {
    DecodeException outside = new DecodeException(outer + ": " + what, offset);
    outside.initCause(this);
    return outside;
  }

  private static String message(String what, int offset, String context) {
    String cut =
        context.length() > MAX_CONTEXT_CHARS
            ? context.substring(0, MAX_CONTEXT_CHARS) + "..."
            : context;
    return what + " at offset " + offset + (cut.isEmpty() ? "" : " (" + cut + ")");
  }
}
