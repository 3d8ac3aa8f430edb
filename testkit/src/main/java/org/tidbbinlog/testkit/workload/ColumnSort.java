package org.tidbbinlog.testkit.workload;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * The column types a workload uses: their words in SQL, their type in TiDB's JSON, their values.
 */
@SuppressWarnings("ImmutableEnumChecker") // types are records, generators have no state
enum ColumnSort {
  TINYINT("TINYINT", number(MysqlType.TINY, 0, 4), r -> signed(RandomValues.integer(r, 8))),
  TINYINT_UNSIGNED(
      "TINYINT UNSIGNED",
      number(MysqlType.TINY, Flags.UNSIGNED, 3),
      r -> unsigned(RandomValues.integer(r, 8) & 0xff)),
  SMALLINT("SMALLINT", number(MysqlType.SHORT, 0, 6), r -> signed(RandomValues.integer(r, 16))),
  MEDIUMINT("MEDIUMINT", number(MysqlType.INT24, 0, 9), r -> signed(RandomValues.integer(r, 24))),
  INT("INT", number(MysqlType.LONG, 0, 11), r -> signed(RandomValues.integer(r, 32))),
  INT_UNSIGNED(
      "INT UNSIGNED",
      number(MysqlType.LONG, Flags.UNSIGNED, 10),
      r -> unsigned(RandomValues.integer(r, 32) & 0xffff_ffffL)),
  BIGINT("BIGINT", number(MysqlType.LONGLONG, 0, 20), r -> signed(RandomValues.integer(r, 64))),
  BIGINT_UNSIGNED(
      "BIGINT UNSIGNED",
      number(MysqlType.LONGLONG, Flags.UNSIGNED, 20),
      r -> unsigned(RandomValues.integer(r, 64))),
  FLOAT("FLOAT", fraction(MysqlType.FLOAT, 12, -1), RandomValues::float32),
  DOUBLE("DOUBLE", fraction(MysqlType.DOUBLE, 22, -1), RandomValues::float64),
  DECIMAL(
      "DECIMAL(20,6)", fraction(MysqlType.NEWDECIMAL, 20, 6), r -> RandomValues.decimal(r, 20, 6)),
  DECIMAL_WIDE(
      "DECIMAL(65,30)",
      fraction(MysqlType.NEWDECIMAL, 65, 30),
      r -> RandomValues.decimal(r, 65, 30)),
  DATE("DATE", time(MysqlType.DATE, 10, 0), RandomValues::date),
  DATETIME("DATETIME", time(MysqlType.DATETIME, 19, 0), r -> RandomValues.dateTime(r, 0)),
  DATETIME_6("DATETIME(6)", time(MysqlType.DATETIME, 26, 6), r -> RandomValues.dateTime(r, 6)),
  TIMESTAMP_3(
      "TIMESTAMP(3) NULL", time(MysqlType.TIMESTAMP, 23, 3), r -> RandomValues.timestamp(r, 3)),
  TIME_6("TIME(6)", time(MysqlType.DURATION, 17, 6), r -> RandomValues.duration(r, 6)),
  YEAR("YEAR", number(MysqlType.YEAR, Flags.UNSIGNED | Flags.ZEROFILL, 4), RandomValues::year),
  CHAR("CHAR(10)", text(MysqlType.STRING, 10), r -> RandomValues.text(r, 10)),
  VARCHAR("VARCHAR(64)", text(MysqlType.VARCHAR, 64), r -> RandomValues.text(r, 64)),
  /** Upper and lower case are one in keys, trailing blanks do not count. */
  VARCHAR_CI(
      "VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
      collated(MysqlType.VARCHAR, 40, "utf8mb4_general_ci"),
      r -> RandomValues.caselessText(r, "")),
  /** Accents do not count either. */
  VARCHAR_UNICODE(
      "VARCHAR(41) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
      collated(MysqlType.VARCHAR, 41, "utf8mb4_unicode_ci"),
      r -> RandomValues.caselessText(r, "é")),
  TEXT("TEXT", text(MysqlType.BLOB, 65_535), r -> RandomValues.text(r, 300)),
  BINARY("BINARY(8)", bytes(MysqlType.STRING, 8), r -> RandomValues.bytes(r, 8, 8)),
  VARBINARY("VARBINARY(32)", bytes(MysqlType.VARCHAR, 32), r -> RandomValues.bytes(r, 0, 32)),
  BLOB("BLOB", bytes(MysqlType.BLOB, 65_535), r -> RandomValues.bytes(r, 0, 300)),
  BIT_10(
      "BIT(10)",
      number(MysqlType.BIT, Flags.UNSIGNED, 10),
      r -> new ColumnValue.Bits(r.nextInt(1024), 10)),
  BIT_64(
      "BIT(64)",
      number(MysqlType.BIT, Flags.UNSIGNED, 64),
      r -> new ColumnValue.Bits(RandomValues.integer(r, 64), 64)),
  ENUM(
      "ENUM('x','y','it''s z')",
      elems(MysqlType.ENUM, List.of("x", "y", "it's z")),
      r -> RandomValues.enumMember(r, List.of("x", "y", "it's z"))),
  SET(
      "SET('a','b','c','d')",
      elems(MysqlType.SET, List.of("a", "b", "c", "d")),
      r -> RandomValues.setMembers(r, List.of("a", "b", "c", "d"))),
  JSON("JSON", bytes(MysqlType.JSON, -1), RandomValues::json);

  private static final String CHARSET = "utf8mb4";
  static final String COLLATE = "utf8mb4_bin";

  private final String sql;
  private final FieldType type;
  private final RandomColumn values;

  /** Makes one value, never NULL. */
  private interface RandomColumn {
    ColumnValue next(RandomGenerator random);
  }

  /** Bits of {@link FieldType#flag()}. */
  static final class Flags {
    static final long NOT_NULL = 1;
    static final long PRIMARY = 1 << 1;
    static final long UNSIGNED = 1 << 5;
    static final long ZEROFILL = 1 << 6;
    static final long BINARY = 1 << 7;
    static final long NO_DEFAULT = 1 << 12;

    private Flags() {}
  }

  ColumnSort(String sql, FieldType type, RandomColumn values) {
    this.sql = sql;
    this.type = type;
    this.values = values;
  }

  String sql() {
    return sql;
  }

  FieldType type() {
    return type;
  }

  /** Whether a whole column of the sort may be part of a key. */
  boolean isIndexable() {
    return switch (this) {
      case TEXT, BLOB, JSON -> false;
      default -> true;
    };
  }

  /** Whether a clustered key of this one column is the row's handle. */
  boolean isHandle() {
    return isInteger();
  }

  boolean isInteger() {
    return switch (this) {
      case TINYINT,
          TINYINT_UNSIGNED,
          SMALLINT,
          MEDIUMINT,
          INT,
          INT_UNSIGNED,
          BIGINT,
          BIGINT_UNSIGNED ->
          true;
      default -> false;
    };
  }

  /** The integer type that takes all its values and more, if there is one. */
  Optional<ColumnSort> wider() {
    return switch (this) {
      case TINYINT -> Optional.of(SMALLINT);
      case SMALLINT -> Optional.of(MEDIUMINT);
      case MEDIUMINT -> Optional.of(INT);
      case INT -> Optional.of(BIGINT);
      case TINYINT_UNSIGNED -> Optional.of(INT_UNSIGNED);
      case INT_UNSIGNED -> Optional.of(BIGINT_UNSIGNED);
      default -> Optional.empty();
    };
  }

  ColumnValue random(RandomGenerator random) {
    return values.next(random);
  }

  /** The sort with that type, whatever the type's flags. */
  static ColumnSort of(FieldType type) {
    for (ColumnSort sort : values()) {
      FieldType own = sort.type;
      if (own.tp() == type.tp()
          && own.isUnsigned() == type.isUnsigned()
          && own.charset().equals(type.charset())
          && own.collate().equals(type.collate())
          && own.decimal() == type.decimal()
          && (own.flen() == type.flen() || type.tp() == MysqlType.VARCHAR)) {
        return sort;
      }
    }
    throw new IllegalArgumentException("no column sort of type " + type);
  }

  static FieldType withFlags(FieldType type, long flags) {
    return new FieldType(
        type.tp(),
        type.flag() | flags,
        type.flen(),
        type.decimal(),
        type.charset(),
        type.collate(),
        type.elems(),
        type.array());
  }

  static FieldType withFlen(FieldType type, int flen) {
    return new FieldType(
        type.tp(),
        type.flag(),
        flen,
        type.decimal(),
        type.charset(),
        type.collate(),
        type.elems(),
        type.array());
  }

  private static FieldType number(int tp, long flags, int flen) {
    return new FieldType(tp, flags, flen, 0, "binary", "binary", List.of(), false);
  }

  private static FieldType fraction(int tp, int flen, int decimal) {
    return new FieldType(tp, 0, flen, decimal, "binary", "binary", List.of(), false);
  }

  private static FieldType time(int tp, int flen, int fsp) {
    return new FieldType(tp, Flags.BINARY, flen, fsp, "binary", "binary", List.of(), false);
  }

  private static FieldType text(int tp, int flen) {
    return collated(tp, flen, COLLATE);
  }

  private static FieldType collated(int tp, int flen, String collate) {
    return new FieldType(tp, 0, flen, -1, CHARSET, collate, List.of(), false);
  }

  private static FieldType bytes(int tp, int flen) {
    return new FieldType(tp, Flags.BINARY, flen, -1, "binary", "binary", List.of(), false);
  }

  private static FieldType elems(int tp, List<String> elems) {
    return new FieldType(tp, 0, -1, -1, CHARSET, COLLATE, elems, false);
  }

  private static ColumnValue signed(long value) {
    return new ColumnValue.Signed(value);
  }

  private static ColumnValue unsigned(long value) {
    return new ColumnValue.Unsigned(value);
  }
}
