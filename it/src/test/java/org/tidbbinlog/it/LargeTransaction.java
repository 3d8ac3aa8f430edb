package org.tidbbinlog.it;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.key.RecordKey;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.row.NewCollations;
import org.tidbbinlog.codec.row.RowEncoder;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.pumpclient.PumpClient;
import org.tidbbinlog.pumpclient.PumpClientSettings;
import org.tidbbinlog.testkit.ClusterDouble;

/**
 * One transaction of large rows. As a program, writes its Prewrite: it needs a heap of several
 * times the transaction, so it has a process of its own. Arguments: PD address, start timestamp,
 * number of rows, bytes a row.
 */
final class LargeTransaction {
  static final long DATABASE_ID = 81;
  static final long TABLE_ID = 82;
  static final long SCHEMA_VERSION = 40;

  private LargeTransaction() {}

  public static void main(String[] args) throws Exception {
    Tso startTs = new Tso(Long.parseLong(args[1]));
    int rows = Integer.parseInt(args[2]);
    int rowBytes = Integer.parseInt(args[3]);
    RowEncoder encoder = new RowEncoder(table(), NewCollations.ON);
    PrewriteValueBuilder value = new PrewriteValueBuilder(SCHEMA_VERSION);
    for (int id = 1; id <= rows; id++) {
      List<ColumnValue> row =
          List.of(new ColumnValue.Signed(id), new ColumnValue.Binary(content(id, rowBytes)));
      value.insert(TABLE_ID, encoder.insert(row, id));
    }
    Binlog prewrite = Binlog.prewrite(startTs, primaryKey(), Payload.of(value.toBytes()));
    try (ClusterConnection cluster =
            ClusterConnection.open(List.of(args[0]), Tls.plaintext(), Clock.system());
        PumpClient client =
            PumpClient.open(
                cluster, PumpClientSettings.defaults().withWriteTimeout(Duration.ofMinutes(3)))) {
      client.write(prewrite);
      System.out.println("acknowledged bytes=" + prewrite.encodedSize());
    }
  }

  static Payload primaryKey() {
    return Payload.of(RecordKey.ofInt(TABLE_ID, 1).encode());
  }

  /** The same for the same row. */
  static byte[] content(int id, int bytes) {
    byte[] content = new byte[bytes];
    new Random(id).nextBytes(content);
    return content;
  }

  static TableInfo table() {
    String json =
        """
        {"id": 82, "name": {"O": "large", "L": "large"}, "charset": "utf8mb4",
         "collate": "utf8mb4_bin", "state": 5, "pk_is_handle": true, "index_info": [],
         "cols": [
          {"id": 1, "name": {"O": "id", "L": "id"}, "offset": 0, "state": 5, "version": 2,
           "type": {"Tp": 8, "Flag": 4099, "Flen": 20, "Decimal": 0,
                    "Charset": "binary", "Collate": "binary"}},
          {"id": 2, "name": {"O": "b", "L": "b"}, "offset": 1, "state": 5, "version": 2,
           "type": {"Tp": 251, "Flag": 144, "Flen": -1, "Decimal": 0,
                    "Charset": "binary", "Collate": "binary"}}]}
        """;
    return TableInfoJson.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  /** The database and the table, as upstream's meta has them. */
  static void putSchema(ClusterDouble cluster) {
    Tso ts = cluster.pd().nextTso();
    put(cluster, MetaKey.bootstrapVersion(), text("146"), ts);
    put(cluster, MetaKey.schemaVersion(), text(Long.toString(SCHEMA_VERSION)), ts);
    put(cluster, MetaKey.nextGlobalId(), text("90"), ts);
    DbInfo database =
        new DbInfo(DATABASE_ID, CiName.of("db_l"), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC);
    put(cluster, MetaKey.database(DATABASE_ID), DbInfoJson.write(database), ts);
    put(cluster, MetaKey.table(DATABASE_ID, TABLE_ID), TableInfoJson.write(table()), ts);
  }

  private static void put(ClusterDouble cluster, MetaKey key, byte[] value, Tso ts) {
    cluster.tikv().putMeta(key.encode(), value, ts);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
