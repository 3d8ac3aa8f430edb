package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlChoice;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;

/**
 * DDL of a session in +08:00 on a target whose own zone is +05:00: old rows, defaults and bounds
 * are upstream's instants. Jobs are as TiDB writes them: a local literal in the text, UTC in the
 * structure.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DdlZoneTest {
  @TempDir static Path folder = Path.of("");

  @RegisterExtension
  static final OwnServer SERVER =
      new OwnServer(() -> folder, MariaDbOptions.forTests().with("--default-time-zone=+05:00"));

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long NEW_YEAR_UTC = 1_577_836_800;
  private static final long NEW_YEAR_EAST_8 = NEW_YEAR_UTC - 8 * 3600;
  private static final String NOWHERE = "";

  private final String db = "z" + TargetServer.unique();
  private final ArrayNode columns = JSON.createArrayNode();
  private final ArrayNode partitions = JSON.createArrayNode();
  private Map<String, String> params = Map.of();
  private String reorgMeta = "null";

  @BeforeEach
  void makeTable() {
    SERVER
        .target()
        .execute(
            "create database " + db,
            "create table " + db + ".t(id int primary key, dt datetime)",
            "insert into " + db + ".t values(1,'2020-06-01 00:00:00')");
  }

  private void column(String name, int type, String originDefault, String defaultValue) {
    ObjectNode column = columns.addObject().put("id", columns.size()).put("offset", 0);
    column.putObject("name").put("O", name).put("L", name);
    put(column, "origin_default", originDefault);
    put(column, "default", defaultValue);
    column
        .putObject("type")
        .put("Tp", type)
        .put("Flag", 0)
        .put("Flen", 19)
        .put("Decimal", 0)
        .put("Charset", "binary")
        .put("Collate", "binary");
    column.put("state", 5).put("version", 2);
  }

  private static void put(ObjectNode node, String name, String value) {
    if (value.isEmpty()) {
      node.putNull(name);
    } else {
      node.put(name, value);
    }
  }

  private void timestamp(String name, String utc) {
    column(name, 7, utc, utc);
  }

  private void partition(String name, String lessThan) {
    ObjectNode partition = partitions.addObject().put("id", 900 + partitions.size());
    partition.putObject("name").put("O", name).put("L", name);
    partition.putArray("less_than").add(lessThan);
  }

  private void apply(DdlAction action, String table, String query) throws Exception {
    apply(action, table, query, "");
  }

  private void apply(DdlAction action, String table, String query, String noStructure)
      throws Exception {
    SinkItem.Ddl ddl = ddl(action, table, query, noStructure);
    Acks acks = new Acks();
    try (MysqlSink sink =
        TargetServer.open(
            settings(), TargetServer.unique(), ResumeFrom.initial(new Tso(1)), acks)) {
      sink.submit(ddl);
      assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(acks.failure.get()).isNull();
  }

  /** The target refuses upstream's statement; a person gives another one. */
  private void replace(SinkItem.Ddl refused, String replacement) throws Exception {
    DdlAirlock airlock =
        DdlAirlock.open(
            Files.createTempDirectory(folder, "data"),
            OnDdlError.HOLD,
            Clock.system(),
            action -> {});
    Acks acks = new Acks();
    try (MysqlSink sink =
        MysqlSink.open(
            settings(),
            TargetServer.unique(),
            ResumeFrom.initial(new Tso(1)),
            acks,
            new SinkCounters(SinkCounters.Listener.NONE),
            Clock.system(),
            new Random(1),
            airlock)) {
      sink.submit(refused);
      Awaitility.await().until(() -> airlock.state() == DdlAirlock.State.HELD);
      airlock.choose(
          refused.commitTs(),
          DdlChoice.Action.REPLACE,
          replacement,
          new DdlAirlock.Chooser("ann", "10.0.0.7"));
      Awaitility.await().until(() -> acks.last().equals(refused.commitTs()));
    }
    assertThat(acks.failure.get()).isNull();
  }

  private MysqlTargetSettings settings() {
    return SERVER
        .target()
        .settings()
        .withSession(new MysqlTargetSettings.Session("", params, Duration.ofMinutes(1)));
  }

  private SinkItem.Ddl ddl(DdlAction action, String table, String query, String noStructure)
      throws Exception {
    ObjectNode info = JSON.createObjectNode().put("id", 100).put("state", 5);
    info.putObject("name").put("O", table).put("L", table);
    info.set("cols", columns);
    if (!partitions.isEmpty()) {
      ObjectNode partition = info.putObject("partition").put("type", 1).put("enable", true);
      partition.put("expr", "unix_timestamp(`ts`)").set("definitions", partitions);
    }
    ObjectNode job = JSON.createObjectNode().put("id", 500).put("type", action.number());
    job.put("schema_id", 1).put("table_id", 100).put("state", 6).put("query", query);
    job.put("schema_name", db).put("table_name", table);
    job.set("reorg_meta", tree(reorgMeta));
    ObjectNode binlog = job.putObject("binlog").put("SchemaVersion", 7).put("FinishedTS", 100);
    if (noStructure.isEmpty()) {
      binlog.set("TableInfo", info);
    }
    DdlJob read = DdlJobJson.parse(JSON.writeValueAsBytes(job));
    DdlJob relayed = DdlJobJson.parse(DdlJobJson.write(read));
    return new SinkItem.Ddl(
        new Tso(100), 1, relayed, query, db, table, SinkItem.Execution.EXECUTE, new StageTimes());
  }

  private static com.fasterxml.jackson.databind.JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void seen(String expressions, String table, String row) {
    assertThat(SERVER.target().rows("select " + expressions + " from " + db + "." + table))
        .containsExactly(row);
  }

  private void setZone(String zone) {
    params = zone.equals(NOWHERE) ? Map.of() : Map.of("time_zone", zone);
  }

  @ParameterizedTest
  @ValueSource(strings = {NOWHERE, "+02:00"})
  void addedTimestamp_givesOldRowsUpstreamsInstant(String zone) throws Exception {
    setZone(zone);
    timestamp("ts", "2019-12-31 16:00:00");
    apply(
        DdlAction.ADD_COLUMN,
        "t",
        "ALTER TABLE `t` ADD COLUMN `ts` TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00'");
    seen("unix_timestamp(ts)", "t", "" + NEW_YEAR_EAST_8);
    SERVER.target().execute("insert into " + db + ".t(id) values(2)");
    seen("unix_timestamp(ts)", "t where id=2", "" + NEW_YEAR_EAST_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {NOWHERE, "+02:00"})
  void createdTable_hasUpstreamsDefaults_andOnlyTimestampsAreInstants(String zone)
      throws Exception {
    setZone(zone);
    column("id", 3, "", "");
    column("ts", 7, "", "2019-12-31 16:00:00");
    column("fine", 7, "", "2019-12-31 16:00:00.250");
    column("dt", 12, "", "2020-01-01 00:00:00");
    column("now", 7, "", "CURRENT_TIMESTAMP");
    column("zero", 7, "", "0000-00-00 00:00:00");
    column("day", 10, "", "2020-01-01");
    apply(
        DdlAction.CREATE_TABLE,
        "c",
        "CREATE TABLE `c` (`id` INT PRIMARY KEY, `ts` TIMESTAMP NULL DEFAULT '2020-01-01"
            + " 00:00:00' COMMENT '2020-01-01 00:00:00', `fine` TIMESTAMP(3) NULL DEFAULT"
            + " '2020-01-01 00:00:00.25', `dt` DATETIME DEFAULT '2020-01-01 00:00:00', `now`"
            + " TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, `zero` TIMESTAMP"
            + " DEFAULT '0000-00-00 00:00:00', `day` DATE DEFAULT '2020-01-01')");
    SERVER.target().execute("insert into " + db + ".c(id) values(1)");
    seen(
        "unix_timestamp(ts), unix_timestamp(fine), dt, abs(unix_timestamp(now)-unix_timestamp())<60,"
            + " unix_timestamp(zero), day",
        "c",
        NEW_YEAR_EAST_8 + "," + NEW_YEAR_EAST_8 + ".250,2020-01-01 00:00:00,1,0,2020-01-01");
  }

  @Test
  void defaultsOfBothSidesOfASummerTime_areExact() throws Exception {
    timestamp("winter", "2019-12-31 23:00:00");
    timestamp("summer", "2020-06-30 22:00:00");
    apply(
        DdlAction.ADD_COLUMNS,
        "t",
        "ALTER TABLE `t` ADD COLUMN (`winter` TIMESTAMP NULL DEFAULT '2020-01-01 00:00:00',"
            + " `summer` TIMESTAMP NULL DEFAULT TIMESTAMP '2020-07-01 00:00:00')");
    seen("unix_timestamp(winter), unix_timestamp(summer)", "t", "1577833200,1593554400");
  }

  @Test
  void changedDefault_isUpstreamsInstant() throws Exception {
    SERVER.target().execute("alter table " + db + ".t add column ts timestamp null");
    timestamp("ts", "2019-12-31 16:00:00");
    apply(
        DdlAction.SET_DEFAULT_VALUE,
        "t",
        "ALTER TABLE `t` ALTER COLUMN `ts` SET DEFAULT '2020-01-01 00:00:00'");
    SERVER.target().execute("insert into " + db + ".t(id) values(2)");
    seen("unix_timestamp(ts)", "t where id=2", "" + NEW_YEAR_EAST_8);
  }

  @ParameterizedTest
  @CsvSource({"'', 28800", "Nowhere/City, 28800", "System, 28800"})
  void rowsOfAConvertedColumn_areTakenInUpstreamsZone(String name, int offset) throws Exception {
    setZone("+02:00");
    reorgMeta = "{\"location\":{\"name\":\"" + name + "\",\"offset\":" + offset + "}}";
    column("dt", 7, "", "2019-12-31 16:00:00");
    column("seen", 12, "2021-03-04 05:06:07", "CURRENT_TIMESTAMP");
    apply(
        DdlAction.MULTI_SCHEMA_CHANGE,
        "t",
        "ALTER TABLE `t` MODIFY COLUMN `dt` TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00', ADD"
            + " COLUMN `seen` DATETIME DEFAULT CURRENT_TIMESTAMP");
    seen("unix_timestamp(dt), seen", "t", "1590940800,2021-03-04 05:06:07");
    SERVER.target().execute("insert into " + db + ".t(id) values(2)");
    seen("unix_timestamp(dt)", "t where id=2", "" + NEW_YEAR_EAST_8);
  }

  @ParameterizedTest
  @CsvSource({"12, 2021-03-04 05:06:07", "7, 2021-03-04 10:06:07"})
  void currentTimestamp_staysTheMomentUpstreamTook(int type, String text) throws Exception {
    column("seen", type, "2021-03-04 05:06:07", "CURRENT_TIMESTAMP");
    apply(
        DdlAction.ADD_COLUMN,
        "t",
        "ALTER TABLE `t` ADD COLUMN `seen` "
            + (type == 7 ? "TIMESTAMP" : "DATETIME")
            + " DEFAULT CURRENT_TIMESTAMP");
    seen("seen", "t", text);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 12, 2021-01-04 05:06:07, 2021-01-04 05:06:07",
    "'', 7, 2021-01-04 05:06:07, 2021-01-04 10:06:07",
    "+08:00, 12, 2021-01-04 05:06:07, 2021-01-04 05:06:07",
    "Test/Summer, 12, 2021-01-04 05:06:07, 2021-01-04 05:06:07",
    "Test/Summer, 12, 2021-07-04 05:06:07, 2021-07-04 05:06:07"
  })
  void currentTimestampOfAReplacement_staysTheMomentUpstreamTook(
      String zone, int type, String origin, String text) throws Exception {
    setZone(zone);
    makeZoneWithASummerTime();
    column("seen", type, origin, "CURRENT_TIMESTAMP");
    String definition = "`seen` " + (type == 7 ? "TIMESTAMP" : "DATETIME") + " DEFAULT";
    replace(
        ddl(
            DdlAction.ADD_COLUMN,
            "t",
            "ALTER TABLE `t` ADD COLUMN " + definition + " CURRENT_TIMESTAMP, DROP COLUMN `no`",
            ""),
        "ALTER TABLE t ADD COLUMN " + definition + " CURRENT_TIMESTAMP");
    seen("seen", "t", text);
  }

  /** An hour more in the summer of 2021. */
  private static void makeZoneWithASummerTime() {
    SERVER
        .target()
        .execute(
            "replace into mysql.time_zone values(77,'N')",
            "replace into mysql.time_zone_name values('Test/Summer',77)",
            "replace into mysql.time_zone_transition_type values(77,0,3600,0,'W'),(77,1,7200,1,'S')",
            "replace into mysql.time_zone_transition values(77,0,0),(77,1616893200,1),"
                + "(77,1635642000,0)");
  }

  /** What the job has as a number is written; what nobody tells is read in the assumed zone. */
  @ParameterizedTest
  @CsvSource({
    "1577808000, '', 1577808000",
    "1577808000, +02:00, 1577808000",
    "UNIX_TIMESTAMP('2020-01-01 00:00:00'), +02:00, 1577829600",
    "UNIX_TIMESTAMP('2020-01-01 00:00:00'), '', 1577818800"
  })
  void partitionBound_isUpstreams_orOfTheAssumedZone(String told, String zone, String bound)
      throws Exception {
    setZone(zone);
    column("ts", 7, "", "");
    partition("p0", told);
    partition("p1", "MAXVALUE");
    apply(
        DdlAction.CREATE_TABLE,
        "p",
        "CREATE TABLE `p` (`ts` TIMESTAMP NOT NULL) PARTITION BY RANGE (UNIX_TIMESTAMP(`ts`))"
            + " (PARTITION `p0` VALUES LESS THAN (UNIX_TIMESTAMP('2020-01-01 00:00:00')),"
            + " PARTITION `p1` VALUES LESS THAN (MAXVALUE))");
    assertThat(
            SERVER
                .target()
                .rows(
                    "select partition_description from information_schema.partitions where"
                        + " partition_name='p0' and table_schema='"
                        + db
                        + "'"))
        .containsExactly(bound);
  }

  @ParameterizedTest
  @CsvSource({"'', 5", "+02:00, 2"})
  void withoutAStructure_theAssumedZoneCounts(String zone, int hours) throws Exception {
    setZone(zone);
    apply(
        DdlAction.ADD_COLUMN,
        "t",
        "ALTER TABLE `t` ADD COLUMN `ts` TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00'",
        "none");
    seen("unix_timestamp(ts)", "t", "" + (NEW_YEAR_UTC - hours * 3600L));
  }
}
