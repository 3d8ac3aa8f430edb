package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.delete;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ColumnValue.DateTimeType;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;

/** Every kind of value arrives as it was, and finds its row again in a table without a key. */
@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ValuesTest {
  private record Case(String type, ColumnValue value, String expression, String expected) {}

  private static final byte[] JSON = {4, 1};
  private final TargetServer server;

  ValuesTest(TargetKind kind) {
    this.server = kind.server();
  }

  private static ColumnValue text(String value) {
    return new ColumnValue.Text(value.getBytes(StandardCharsets.UTF_8));
  }

  private static long packed(int year, int month, int day, int hour, int minute, int micro) {
    long ymd = ((year * 13L + month) << 5) | day;
    return (((ymd << 17) | ((long) hour << 12) | ((long) minute << 6)) << 24) | micro;
  }

  private static List<Case> cases() {
    return List.of(
        new Case("bigint unsigned", new ColumnValue.Unsigned(-1), "v", "18446744073709551615"),
        new Case("bigint", new ColumnValue.Signed(Long.MIN_VALUE), "v", "-9223372036854775808"),
        new Case("float", new ColumnValue.Float32(0.1f), "concat(v)", "0.1"),
        new Case("float", new ColumnValue.Float32(-3.4e38f), "v<-3e38", "1"),
        new Case("float(10,3)", new ColumnValue.Float32(-999999.9f), "round(v,3)", "-999999.875"),
        new Case("double", new ColumnValue.Float64(Double.MIN_VALUE), "v>0", "1"),
        new Case("double", new ColumnValue.Float64(-2.25e300), "v", "-2.25e300"),
        new Case("double(20,5)", new ColumnValue.Float64(123456.78901), "v", "123456.78901"),
        new Case(
            "decimal(65,30)",
            new ColumnValue.Decimal(new BigDecimal("-0.000000000000000000000000000001")),
            "v",
            "-0.000000000000000000000000000001"),
        new Case(
            "varchar(99) collate utf8mb4_general_ci",
            text("héllo 🚀\\'\"\n\0 "),
            "hex(v)",
            "68C3A96C6C6F20F09F9A805C27220A0020"),
        new Case("varchar(99) charset gbk", text("中文 '\\"), "v", "中文 '\\"),
        new Case("varchar(99) charset latin1", text("abcé"), "v", "abcé"),
        new Case("longtext", text("x".repeat(300_000)), "length(v)", "300000"),
        new Case(
            "binary(4)", new ColumnValue.Binary(new byte[] {0, -1, 0, 0}), "hex(v)", "00FF0000"),
        new Case(
            "varbinary(9)",
            new ColumnValue.Binary(new byte[] {39, 92, 34, 0}),
            "hex(v)",
            "275C2200"),
        new Case("blob", new ColumnValue.Binary(new byte[0]), "hex(v)", ""),
        new Case(
            "date", new ColumnValue.DateTime(0, DateTimeType.DATE, 0), "concat(v)", "0000-00-00"),
        new Case(
            "date",
            new ColumnValue.DateTime(packed(2024, 2, 30, 0, 0, 0), DateTimeType.DATE, 0),
            "concat(v)",
            "2024-02-30"),
        new Case(
            "datetime(6)",
            new ColumnValue.DateTime(
                packed(9999, 12, 31, 23, 59, 999_999), DateTimeType.DATETIME, 6),
            "concat(v)",
            "9999-12-31 23:59:00.999999"),
        new Case(
            "datetime(3)",
            new ColumnValue.DateTime(packed(2020, 0, 0, 1, 2, 120_000), DateTimeType.DATETIME, 3),
            "concat(v)",
            "2020-00-00 01:02:00.120"),
        new Case(
            "timestamp null",
            new ColumnValue.DateTime(packed(2021, 3, 28, 1, 30, 0), DateTimeType.TIMESTAMP, 0),
            "unix_timestamp(v)",
            "1616895000"),
        new Case(
            "timestamp null",
            new ColumnValue.DateTime(0, DateTimeType.TIMESTAMP, 0),
            "concat(v)",
            "0000-00-00 00:00:00"),
        new Case(
            "time(6)",
            new ColumnValue.Duration(-3_020_399_000_000_000L, 6),
            "concat(v)",
            "-838:59:59.000000"),
        new Case("time(3)", new ColumnValue.Duration(1_000_000, 3), "concat(v)", "00:00:00.001"),
        new Case("year", new ColumnValue.Signed(0), "v+0", "0"),
        new Case("year", new ColumnValue.Signed(2155), "v+0", "2155"),
        new Case("enum('a','b','')", new ColumnValue.EnumMember(2, "b"), "v", "b"),
        new Case("enum('a','b')", new ColumnValue.EnumMember(0, ""), "v+0", "0"),
        new Case("set('a','b','c')", new ColumnValue.SetMembers(3, "a,b"), "v", "a,b"),
        new Case("bit(64)", new ColumnValue.Bits(-1, 64), "hex(v)", "FFFFFFFFFFFFFFFF"),
        new Case("bit(20)", new ColumnValue.Bits(5, 20), "v+0", "5"),
        new Case("json", new ColumnValue.Json(JSON), "v", "true"),
        new Case("int", ColumnValue.Null.NULL, "v", "null"));
  }

  @Test
  @DisplayName("mysql-translate fact 6: bit, enum, set, year and json by number or text")
  void everyKind_arrivesAndIsFoundAgain() throws Exception {
    String db = "v" + TargetServer.unique();
    server.execute("create database " + db + " collate utf8mb4_bin");
    List<SinkItem> inserts = new ArrayList<>();
    List<SinkItem> deletes = new ArrayList<>();
    for (int i = 0; i < cases().size(); i++) {
      Case one = cases().get(i);
      server.execute("create table " + db + ".t" + i + "(id int, v " + one.type() + ")");
      TableVersion t = table(db, "t" + i, "id", "v");
      inserts.add(transaction(100 + i, insert(t, 1, one.value()), insert(t, 1, one.value())));
      deletes.add(transaction(1000 + i, delete(t, 1, one.value())));
    }
    try (MysqlSink sink =
        TargetServer.open(
            server.settings(), TargetServer.unique(), ResumeFrom.initial(new Tso(1)), new Acks())) {
      for (SinkItem item : inserts) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      for (SinkItem item : deletes) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().divergences()).isZero();
    }
    for (int i = 0; i < cases().size(); i++) {
      Case one = cases().get(i);
      assertThat(server.rows("select " + one.expression() + " from " + db + ".t" + i))
          .as("%s", one)
          .hasSize(1)
          .allSatisfy(row -> assertThat(row.replace("E300", "e300")).isEqualTo(one.expected()));
    }
    server.execute("drop database " + db);
  }

  @Test
  @DisplayName(
      "mysql-translate fact 16: a TIMESTAMP is the same instant whatever the target's zone")
  void timestamp_isTheSameInstant_inATargetOfAnotherZone() throws Exception {
    String db = "z" + TargetServer.unique();
    server.execute("create database " + db, "create table " + db + ".t(id int, v timestamp null)");
    server.execute("set global time_zone = '-05:00'");
    try (MysqlSink sink =
        TargetServer.open(
            server.settings(), TargetServer.unique(), ResumeFrom.initial(new Tso(1)), new Acks())) {
      ColumnValue utc =
          new ColumnValue.DateTime(packed(2021, 3, 28, 1, 30, 0), DateTimeType.TIMESTAMP, 0);
      sink.submit(transaction(100, insert(table(db, "t", "id", "v"), 1, utc)));
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(server.rows("select unix_timestamp(v) from " + db + ".t"))
          .containsExactly("1616895000");
      assertThat(server.rows("select convert_tz(v, '-05:00', '+09:00') from " + db + ".t"))
          .singleElement()
          .satisfies(row -> assertThat(row).startsWith("2021-03-28 10:30:00"));
    } finally {
      server.execute("set global time_zone = 'SYSTEM'", "drop database " + db);
    }
  }
}
