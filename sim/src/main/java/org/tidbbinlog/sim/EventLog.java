package org.tidbbinlog.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongSupplier;

/** Everything that happened in a run, as lines: the last ones are kept, all are in the hash. */
final class EventLog {
  private final ArrayDeque<String> tail = new ArrayDeque<>();
  private final MessageDigest digest = sha256();
  private LongSupplier nowNs = () -> 0;
  private final int keep;
  private long count;

  /**
   * @param keep how many of the last lines
   */
  EventLog(int keep) {
    this.keep = keep;
  }

  /** Where the times before the lines come from. */
  void clock(LongSupplier source) {
    nowNs = source;
  }

  void add(String event) {
    long micros = nowNs.getAsLong() / 1000;
    String line = micros / 1_000_000 + "." + padded(micros % 1_000_000) + " " + event;
    digest.update(line.getBytes(UTF_8));
    digest.update((byte) '\n');
    if (tail.size() == keep) {
      tail.removeFirst();
    }
    tail.add(line);
    count++;
  }

  private static String padded(long micros) {
    String digits = Long.toString(micros);
    return "000000".substring(digits.length()) + digits;
  }

  long count() {
    return count;
  }

  List<String> tail() {
    return List.copyOf(tail);
  }

  /** For the end of a run: nothing can be added after it. */
  String hash() {
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
