package org.tidbbinlog.tools.bench.drain;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.tidbbinlog.codec.key.RecordKey;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.row.NewCollations;
import org.tidbbinlog.codec.row.RowEncoder;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * A made-up table {@code (id, k, c, pad)} with so many more integer columns as wanted, and what is
 * in it: per row one number that all its values are drawn from.
 */
final class GeneratedTable {
  private final String database;
  private final String name;
  private final Shape shape;
  private final TableInfo info;
  private final RowEncoder encoder;
  private final Map<Long, Long> rows = new TreeMap<>();

  /**
   * How large a row is.
   *
   * @param cChars characters of {@code c}; {@code pad} has half of it
   * @param moreColumns beside the four
   */
  record Shape(int cChars, int moreColumns) {
    static final Shape USUAL = new Shape(120, 0);
    static final Shape SMALL = new Shape(20, 0);

    int padChars() {
      return cChars / 2;
    }
  }

  GeneratedTable(long id, String database, String name, Shape shape) {
    this.database = database;
    this.name = name;
    this.shape = shape;
    this.info = info(id, name, shape);
    this.encoder = new RowEncoder(info, NewCollations.ON);
  }

  TableInfo info() {
    return info;
  }

  String createSql() {
    StringBuilder sql = new StringBuilder("CREATE TABLE `");
    sql.append(database).append("`.`").append(name);
    sql.append("` (`id` bigint NOT NULL PRIMARY KEY, `k` int NOT NULL, `c` char(");
    sql.append(shape.cChars).append(") NOT NULL, `pad` char(").append(shape.padChars());
    sql.append(") NOT NULL");
    for (int i = 0; i < shape.moreColumns; i++) {
      sql.append(", `x").append(i).append("` int");
    }
    return sql.append(", KEY `k` (`k`))").toString();
  }

  private static TableInfo info(long id, String name, Shape shape) {
    StringBuilder columns = new StringBuilder();
    columns.append(column(1, "id", "\"Tp\":8,\"Flag\":4099,\"Flen\":20", "binary", "binary"));
    columns
        .append(',')
        .append(column(2, "k", "\"Tp\":3,\"Flag\":4105,\"Flen\":11", "binary", "binary"));
    columns.append(',').append(text(3, "c", shape.cChars));
    columns.append(',').append(text(4, "pad", shape.padChars()));
    for (int i = 0; i < shape.moreColumns; i++) {
      columns.append(',');
      columns.append(column(5 + i, "x" + i, "\"Tp\":3,\"Flag\":0,\"Flen\":11", "binary", "binary"));
    }
    String json =
        """
        {"id":%d,"name":{"O":"%s","L":"%s"},"charset":"utf8mb4","collate":"utf8mb4_bin","state":5,
         "pk_is_handle":true,"cols":[%s],"index_info":[{"id":1,"idx_name":{"O":"k","L":"k"},
          "idx_cols":[{"name":{"O":"k","L":"k"},"offset":1,"length":-1}],"state":5,
          "is_unique":false,"is_primary":false}]}
        """
            .formatted(id, name, name, columns);
    return TableInfoJson.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(int id, String name, int chars) {
    return column(id, name, "\"Tp\":254,\"Flag\":4097,\"Flen\":" + chars, "utf8mb4", "utf8mb4_bin");
  }

  private static String column(int id, String name, String type, String charset, String collate) {
    return """
    {"id":%d,"name":{"O":"%s","L":"%s"},"offset":%d,"state":5,"version":2,
     "type":{%s,"Decimal":0,"Charset":"%s","Collate":"%s"}}\
    """
        .formatted(id, name, name, id - 1, type, charset, collate);
  }

  void insert(long id, long drawn, PrewriteValueBuilder into) {
    rows.put(id, drawn);
    into.insert(info.id(), encoder.insert(values(id, drawn), id));
  }

  void update(long id, long drawn, PrewriteValueBuilder into) {
    long before = rows.put(id, drawn);
    into.update(info.id(), encoder.update(values(id, before), values(id, drawn), id));
  }

  void delete(long id, PrewriteValueBuilder into) {
    long before = rows.remove(id);
    into.delete(info.id(), encoder.delete(values(id, before), id));
  }

  int rowCount() {
    return rows.size();
  }

  byte[] key(long id) {
    return RecordKey.ofInt(info.id(), id).encode();
  }

  private List<ColumnValue> values(long id, long drawn) {
    Random random = new Random(drawn);
    List<ColumnValue> values = new ArrayList<>(4 + shape.moreColumns);
    values.add(new ColumnValue.Signed(id));
    values.add(new ColumnValue.Signed(random.nextInt(1_000_000)));
    values.add(new ColumnValue.Text(digits(random, shape.cChars)));
    values.add(new ColumnValue.Text(digits(random, shape.padChars())));
    for (int i = 0; i < shape.moreColumns; i++) {
      values.add(new ColumnValue.Signed(random.nextInt()));
    }
    return values;
  }

  /** Groups of digits, as sysbench writes them. */
  private static byte[] digits(Random random, int count) {
    byte[] text = new byte[count];
    for (int i = 0; i < count; i++) {
      text[i] = (byte) (i % 12 == 11 ? '-' : '0' + random.nextInt(10));
    }
    return text;
  }

  /** The line of {@code final-checksums.tsv}. */
  String checksumLine() {
    long sum = 0;
    long smallest = Long.MAX_VALUE;
    long largest = Long.MIN_VALUE;
    for (Map.Entry<Long, Long> row : rows.entrySet()) {
      sum += checksum(row.getKey(), row.getValue());
      smallest = Math.min(smallest, row.getKey());
      largest = Math.max(largest, row.getKey());
    }
    return rows.isEmpty()
        ? "%s.%s\t0\t0\tnull\tnull".formatted(database, name)
        : "%s.%s\t%d\t%d\t%d\t%d".formatted(database, name, rows.size(), sum, smallest, largest);
  }

  private long checksum(long id, long drawn) {
    List<ColumnValue> values = values(id, drawn);
    CRC32 crc = new CRC32();
    crc.update(
        (id + "#" + ((ColumnValue.Signed) values.get(1)).value() + "#")
            .getBytes(StandardCharsets.US_ASCII));
    crc.update(((ColumnValue.Text) values.get(2)).utf8());
    crc.update('#');
    crc.update(((ColumnValue.Text) values.get(3)).utf8());
    return crc.getValue();
  }
}
