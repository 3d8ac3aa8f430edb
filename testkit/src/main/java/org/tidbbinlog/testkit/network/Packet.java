package org.tidbbinlog.testkit.network;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One packet of the MySQL protocol.
 *
 * <pre>
 * +----------------+----------+------------------+
 * | length, 3, LE  | number 1 | payload          |
 * +----------------+----------+------------------+
 * </pre>
 */
record Packet(int number, byte[] payload) {
  private static final int HEADER = 4;
  private static final int COM_QUERY = 3;
  private static final int OK = 0;
  private static final int ERROR = 0xff;
  private static final int MORE_RESULTS = 8;

  /** Empty when the other side has closed. */
  static Optional<Packet> read(DataInputStream in) throws IOException {
    byte[] header = new byte[HEADER];
    try {
      in.readFully(header);
    } catch (EOFException closed) {
      return Optional.empty();
    }
    int length = (header[0] & 0xff) | (header[1] & 0xff) << 8 | (header[2] & 0xff) << 16;
    byte[] payload = new byte[length];
    in.readFully(payload);
    return Optional.of(new Packet(header[3] & 0xff, payload));
  }

  byte[] bytes() {
    byte[] all = new byte[HEADER + payload.length];
    all[0] = (byte) payload.length;
    all[1] = (byte) (payload.length >> 8);
    all[2] = (byte) (payload.length >> 16);
    all[3] = (byte) number;
    System.arraycopy(payload, 0, all, HEADER, payload.length);
    return all;
  }

  /** The text of a command that is one; empty for all else. */
  Optional<String> sql() {
    return number == 0 && payload.length > 0 && payload[0] == COM_QUERY
        ? Optional.of(new String(payload, 1, payload.length - 1, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  static Packet query(String sql) {
    byte[] text = sql.getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[text.length + 1];
    payload[0] = COM_QUERY;
    System.arraycopy(text, 0, payload, 1, text.length);
    return new Packet(0, payload);
  }

  /** Whether it ends the answer to statements that answer with counts. */
  boolean isLastAnswer() {
    int kind = payload.length == 0 ? ERROR : payload[0] & 0xff;
    if (kind != OK) {
      return true;
    }
    int at = behindNumber(behindNumber(1));
    return at + 1 >= payload.length || (payload[at] & MORE_RESULTS) == 0;
  }

  /** Position behind a number of variable length. */
  private int behindNumber(int at) {
    int first = at < payload.length ? payload[at] & 0xff : 0;
    return switch (first) {
      case 0xfc -> at + 3;
      case 0xfd -> at + 4;
      case 0xfe -> at + 9;
      default -> at + 1;
    };
  }
}
