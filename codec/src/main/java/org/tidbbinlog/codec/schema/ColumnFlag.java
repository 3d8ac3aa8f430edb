package org.tidbbinlog.codec.schema;

/** Flag bits of a column type; the ordinal is the bit number. Source: ddl-meta section 8. */
public enum ColumnFlag {
  NOT_NULL,
  PRIMARY,
  UNIQUE,
  MULTIPLE_KEY,
  BLOB,
  UNSIGNED,
  ZEROFILL,
  BINARY,
  ENUM,
  AUTO_INCREMENT,
  TIMESTAMP,
  SET,
  NO_DEFAULT_VALUE,
  ON_UPDATE_NOW,
  PART_KEY,
  NUM,
  PARSER_UNIQUE,
  BIN_CMP,
  PARSE_TO_JSON,
  IS_BOOLEAN,
  PREVENT_NULL_INSERT,
  ENUM_SET_AS_INT,
  DROP_COLUMN_INDEX,
  GENERATED
}
