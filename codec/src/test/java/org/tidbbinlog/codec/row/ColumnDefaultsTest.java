package org.tidbbinlog.codec.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

class ColumnDefaultsTest {
  /** Handle 1 and no columns. */
  private static final byte[] EMPTY_INSERT = {8, 2, 0};

  @Test
  void absentColumn_withoutOrigin_isNull_orTheTypesZero() {
    TestTable table = new TestTable().column(1, "nullable", TestTable.INT);
    String[] expected = {
      "0", "0", "0.00", "", "0x00000000", "0000-00-00", "0000-00-00 00:00:00",
      "0000-00-00 00:00:00", "00:00:00", "0", "0", "1", "null", "0"
    };
    List<FieldType> types =
        List.of(
            TestTable.INT,
            TestTable.type(MysqlType.DOUBLE),
            TestTable.decimal(10, 2),
            TestTable.VARCHAR,
            new FieldType(MysqlType.STRING, 0, 4, -1, "binary", "binary", List.of(), false),
            TestTable.type(MysqlType.DATE),
            TestTable.type(MysqlType.DATETIME),
            TestTable.type(MysqlType.TIMESTAMP),
            TestTable.type(MysqlType.DURATION),
            TestTable.type(MysqlType.BIT),
            TestTable.elems(MysqlType.SET, List.of("a")),
            TestTable.elems(MysqlType.ENUM, List.of("x", "y")),
            TestTable.type(MysqlType.JSON),
            TestTable.type(MysqlType.YEAR));
    for (int i = 0; i < types.size(); i++) {
      table.column(i + 2, "c" + i, TestTable.notNull(types.get(i)));
    }
    List<ColumnValue> values = decode(table.build());
    assertThat(values.get(0)).isEqualTo(ColumnValue.Null.NULL);
    assertThat(values.subList(1, values.size()))
        .extracting(ValueText::of)
        .containsExactly(expected);
  }

  @Test
  void absentColumn_withOrigin_hasIt() {
    TableInfo table =
        new TestTable()
            .columnWithOrigin(1, "i", TestTable.INT, "7")
            .columnWithOrigin(2, "e", TestTable.elems(MysqlType.ENUM, List.of("x", "y")), "y")
            .columnWithOrigin(3, "s", TestTable.elems(MysqlType.SET, List.of("a", "b")), "a,b")
            .columnWithOrigin(4, "t", TestTable.type(MysqlType.TIMESTAMP), "2024-02-29 12:00:00")
            .column(5, "b", TestTable.type(MysqlType.BIT), TextNode.valueOf("\u0002\u0001"), "AgE=")
            .build();
    assertThat(decode(table))
        .extracting(ValueText::of)
        .containsExactly("7", "2", "3", "2024-02-29 12:00:00", "513");
  }

  @Test
  void defaults_areThoseOfTheWritersTable_forColumnsItHad() {
    TableInfo then = new TestTable().columnWithOrigin(1, "i", TestTable.INT, "1").build();
    TableInfo now =
        new TestTable()
            .columnWithOrigin(1, "i", TestTable.INT, "2")
            .columnWithOrigin(2, "j", TestTable.INT, "3")
            .build();
    RowDecoder decoder = new RowDecoder(now);
    assertThat(decoder.insert(ByteBuffer.wrap(EMPTY_INSERT), decoder.defaultsOf(then)))
        .extracting(ValueText::of)
        .containsExactly("1", "3");
  }

  @Test
  void defaultThatIsNoValueOfItsType_isANamedError() {
    TableInfo table = new TestTable().columnWithOrigin(1, "when", TestTable.INT, "soon").build();
    assertThatThrownBy(() -> decode(table))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("default of column when");
  }

  private static List<ColumnValue> decode(TableInfo table) {
    RowDecoder decoder = new RowDecoder(table);
    return decoder.insert(ByteBuffer.wrap(EMPTY_INSERT), decoder.defaults());
  }
}
