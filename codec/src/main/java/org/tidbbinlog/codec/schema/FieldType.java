package org.tidbbinlog.codec.schema;

import java.util.List;

/**
 * A column's type. Source: ddl-meta section 8.
 *
 * @param tp MySQL type number, see {@link MysqlType}
 * @param flag bit set, see {@link ColumnFlag}
 * @param flen display length, -1 when unspecified
 * @param decimal scale or fraction digits, -1 when unspecified
 * @param elems members of ENUM and SET
 * @param array a multi-valued index helper column
 */
public record FieldType(
    int tp,
    long flag,
    int flen,
    int decimal,
    String charset,
    String collate,
    List<String> elems,
    boolean array) {
  public FieldType {
    elems = List.copyOf(elems);
  }

  public boolean has(ColumnFlag wanted) {
    return (flag >>> wanted.ordinal() & 1) != 0;
  }

  public boolean isUnsigned() {
    return has(ColumnFlag.UNSIGNED);
  }

  /** True for character-type columns that hold bytes rather than text. */
  public boolean isBinaryCharset() {
    return charset.equals("binary");
  }
}
