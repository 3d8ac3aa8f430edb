package org.tidbbinlog.testkit.capture;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.OperatorException;

/** One pass over a capture's messages; holds one message. Not for several threads. */
public final class CaptureReader implements Iterator<byte[]>, AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path file;
  private final DataInputStream in;
  private long index;
  private byte @Nullable [] next;

  private CaptureReader(Path file, DataInputStream in) {
    this.file = file;
    this.in = in;
    this.next = read();
  }

  static CaptureReader open(Path file) {
    try {
      return new CaptureReader(
          file,
          new DataInputStream(
              new BufferedInputStream(
                  new GZIPInputStream(Files.newInputStream(file), BUFFER_BYTES), BUFFER_BYTES)));
    } catch (IOException e) {
      throw new OperatorException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public byte[] next() {
    byte[] message = next;
    if (message == null) {
      throw new NoSuchElementException();
    }
    next = read();
    return message;
  }

  private byte @Nullable [] read() {
    try {
      int first = in.read();
      if (first < 0) {
        return null;
      }
      int length = first | in.read() << 8 | in.read() << 16 | in.read() << 24;
      if (length < 0) {
        throw new EOFException("length " + Integer.toUnsignedString(length));
      }
      byte[] message = new byte[length];
      in.readFully(message);
      index++;
      return message;
    } catch (IOException e) {
      throw new OperatorException(
          "broken message " + index + " of " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
