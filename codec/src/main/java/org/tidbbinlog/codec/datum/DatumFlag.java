package org.tidbbinlog.codec.datum;

/** The first byte of a datum. Source: row-format section 2. */
public final class DatumFlag {
  public static final int NULL = 0;

  /** Comparable bytes. */
  public static final int BYTES = 1;

  /** A signed varint length, then the bytes. */
  public static final int COMPACT_BYTES = 2;

  /** Eight bytes, sign bit flipped. */
  public static final int INT = 3;

  /** Eight bytes. */
  public static final int UINT = 4;

  public static final int FLOAT = 5;
  public static final int DECIMAL = 6;

  /** Eight bytes of nanoseconds, sign bit flipped. */
  public static final int DURATION = 7;

  public static final int VARINT = 8;
  public static final int UVARINT = 9;
  public static final int JSON = 10;

  /** Only in keys of ranges. */
  public static final int MAX_VALUE = 250;

  private DatumFlag() {}
}
