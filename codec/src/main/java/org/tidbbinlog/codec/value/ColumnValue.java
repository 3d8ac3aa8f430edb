package org.tidbbinlog.codec.value;

import java.math.BigDecimal;

/**
 * One value of one column, typed by its column. The family is closed; {@link #kind()} serves
 * exhaustive switches.
 *
 * <p>Source: row-format section 7.
 */
public sealed interface ColumnValue {
  /** One constant a member of the family. */
  enum Kind {
    NULL,
    SIGNED,
    UNSIGNED,
    FLOAT,
    DOUBLE,
    DECIMAL,
    TEXT,
    BINARY,
    DATE_TIME,
    DURATION,
    ENUM,
    SET,
    BIT,
    JSON
  }

  Kind kind();

  /** SQL NULL. */
  enum Null implements ColumnValue {
    NULL;

    @Override
    public Kind kind() {
      return Kind.NULL;
    }
  }

  /** Signed integers and YEAR. */
  record Signed(long value) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.SIGNED;
    }
  }

  /** Unsigned integers: 64 bits read as unsigned. */
  record Unsigned(long value) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.UNSIGNED;
    }
  }

  /** FLOAT, already narrowed. */
  record Float32(float value) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.FLOAT;
    }
  }

  /** DOUBLE. */
  record Float64(double value) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.DOUBLE;
    }
  }

  /** DECIMAL; the scale is the embedded number of fraction digits, also for zero. */
  record Decimal(BigDecimal value) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.DECIMAL;
    }
  }

  /**
   * Character strings, UTF-8 bytes as TiDB stores them (invalid sequences are kept). The array is
   * not copied.
   */
  record Text(byte[] utf8) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.TEXT;
    }
  }

  /** BINARY, VARBINARY and BLOB kinds. The array is not copied. */
  record Binary(byte[] bytes) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.BINARY;
    }
  }

  /**
   * DATE, DATETIME and TIMESTAMP as packed core time (row-format section 2.5): zero and zero parts
   * are legal. A TIMESTAMP is in UTC.
   *
   * @param fsp fraction digits to print, 0..6
   */
  record DateTime(long packed, DateTimeType type, int fsp) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.DATE_TIME;
    }
  }

  /** Which of the three calendar types a {@link DateTime} is. */
  enum DateTimeType {
    DATE,
    DATETIME,
    TIMESTAMP
  }

  /** TIME: signed nanoseconds, printed with {@code fsp} fraction digits. */
  record Duration(long nanos, int fsp) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.DURATION;
    }
  }

  /** ENUM: 1-based number; 0 is the empty enum, whose name is "". */
  record EnumMember(long number, String name) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.ENUM;
    }
  }

  /** SET: bit i is element i; {@code names} joined by comma. */
  record SetMembers(long bits, String names) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.SET;
    }
  }

  /** BIT(width). */
  record Bits(long value, int width) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.BIT;
    }
  }

  /**
   * JSON: binary form with its leading type byte (row-format section 3) . The array is not copied.
   */
  record Json(byte[] binary) implements ColumnValue {
    @Override
    public Kind kind() {
      return Kind.JSON;
    }
  }
}
