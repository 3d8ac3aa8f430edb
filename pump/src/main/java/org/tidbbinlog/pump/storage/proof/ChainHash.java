package org.tidbbinlog.pump.storage.proof;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Extends a chain byte by byte. The value at the end of a stretch is SHA-256 of the value at its
 * beginning followed by the stretch's bytes, so each record changes every value after it. Owned by
 * one thread.
 */
public final class ChainHash {
  private final MessageDigest digest;

  /** Goes on from a value that is known. */
  public ChainHash(ChainValue from) {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    begin(from);
  }

  private void begin(ChainValue from) {
    ByteBuffer bytes = ByteBuffer.allocate(ChainValue.BYTES);
    from.put(bytes, 0);
    digest.update(bytes);
  }

  /** Takes what remains in the buffer, and moves it to its limit. */
  public void update(ByteBuffer bytes) {
    digest.update(bytes);
  }

  /** Ends a stretch; the next one begins with the value answered. */
  public ChainValue endStretch() {
    ChainValue value = ChainValue.get(ByteBuffer.wrap(digest.digest()), 0);
    begin(value);
    return value;
  }
}
