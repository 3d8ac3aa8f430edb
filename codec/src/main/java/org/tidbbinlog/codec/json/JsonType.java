package org.tidbbinlog.codec.json;

/** Type bytes of binary JSON. Source: row-format section 3. */
final class JsonType {
  static final int OBJECT = 0x01;
  static final int ARRAY = 0x03;
  static final int LITERAL = 0x04;
  static final int INT64 = 0x09;
  static final int UINT64 = 0x0a;
  static final int DOUBLE = 0x0b;
  static final int STRING = 0x0c;
  static final int OPAQUE = 0x0d;
  static final int DATE = 0x0e;
  static final int DATETIME = 0x0f;
  static final int TIMESTAMP = 0x10;
  static final int DURATION = 0x11;

  static final int NULL_LITERAL = 0;
  static final int TRUE_LITERAL = 1;
  static final int FALSE_LITERAL = 2;

  /** Element count and total size. */
  static final int HEADER_BYTES = 8;

  /** Offset and length of a key. */
  static final int KEY_ENTRY_BYTES = 6;

  /** Type and offset, or type and literal, of a value. */
  static final int VALUE_ENTRY_BYTES = 5;

  static final int MAX_DEPTH = 100;

  private JsonType() {}
}
