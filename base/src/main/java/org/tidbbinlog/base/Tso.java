package org.tidbbinlog.base;

import java.time.Instant;

/**
 * A timestamp of PD's oracle: {@code physical milliseconds << 18 | logical}, ordered as an unsigned
 * number.
 *
 * <pre>
 *  63                                  18 17              0
 * +--------------------------------------+-----------------+
 * | physical: milliseconds since 1970    | logical counter |
 * +--------------------------------------+-----------------+
 * </pre>
 *
 * Source: registry section 8, acceptance fact 8.
 */
public record Tso(long value) implements Comparable<Tso> {
  public static final int LOGICAL_BITS = 18;
  public static final Tso ZERO = new Tso(0);
  public static final Tso MAX = new Tso(Long.MAX_VALUE);

  public static Tso of(long physicalMs, long logical) {
    return new Tso((physicalMs << LOGICAL_BITS) + logical);
  }

  /** The first timestamp of a millisecond; {@link #ZERO} for what was before 1970. */
  public static Tso at(Instant instant) {
    return of(Math.max(0, instant.toEpochMilli()), 0);
  }

  public long physicalMs() {
    return value >>> LOGICAL_BITS;
  }

  public long logical() {
    return value & ((1L << LOGICAL_BITS) - 1);
  }

  public Instant instant() {
    return Instant.ofEpochMilli(physicalMs());
  }

  public boolean isZero() {
    return value == 0;
  }

  public boolean isAfter(Tso other) {
    return compareTo(other) > 0;
  }

  public boolean isBefore(Tso other) {
    return compareTo(other) < 0;
  }

  public Tso max(Tso other) {
    return isAfter(other) ? this : other;
  }

  public Tso min(Tso other) {
    return isBefore(other) ? this : other;
  }

  @Override
  public int compareTo(Tso other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(value);
  }
}
