package org.tidbbinlog.codec.row;

import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.MysqlType;

/** How a column's values are stored and typed, derived once from its type. */
enum ValueShape {
  SIGNED,
  UNSIGNED,
  FLOAT,
  DOUBLE,
  DECIMAL,
  TEXT,
  BINARY,
  DATE,
  DATETIME,
  TIMESTAMP,
  DURATION,
  ENUM,
  SET,
  BIT,
  JSON,
  /** A type no table column has; only NULL can be read. */
  UNKNOWN;

  static ValueShape of(FieldType type) {
    if (type.array()) {
      return JSON;
    }
    return switch (type.tp()) {
      case MysqlType.TINY, MysqlType.SHORT, MysqlType.INT24, MysqlType.LONG, MysqlType.LONGLONG ->
          type.isUnsigned() ? UNSIGNED : SIGNED;
      // The unsigned bit is set on YEAR, but its datum is signed.
      case MysqlType.YEAR -> SIGNED;
      case MysqlType.FLOAT -> FLOAT;
      case MysqlType.DOUBLE -> DOUBLE;
      case MysqlType.NEWDECIMAL -> DECIMAL;
      case MysqlType.DATE, MysqlType.NEWDATE -> DATE;
      case MysqlType.DATETIME -> DATETIME;
      case MysqlType.TIMESTAMP -> TIMESTAMP;
      case MysqlType.DURATION -> DURATION;
      case MysqlType.ENUM -> ENUM;
      case MysqlType.SET -> SET;
      case MysqlType.BIT -> BIT;
      case MysqlType.JSON -> JSON;
      case MysqlType.VARCHAR,
          MysqlType.VAR_STRING,
          MysqlType.STRING,
          MysqlType.TINY_BLOB,
          MysqlType.BLOB,
          MysqlType.MEDIUM_BLOB,
          MysqlType.LONG_BLOB ->
          type.isBinaryCharset() ? BINARY : TEXT;
      case MysqlType.GEOMETRY -> BINARY;
      default -> UNKNOWN;
    };
  }
}
