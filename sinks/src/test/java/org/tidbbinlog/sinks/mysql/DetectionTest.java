package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.delete;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;

/**
 * {@code disable-detect}: what keeps its order when nobody looks for rows that share a key, and
 * what does not. Each target transaction is one row, so that nothing is folded on its way.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DetectionTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int WORKERS = 4;
  private static final int KEYS = 7;
  private static final int ROUNDS = 6;
  private static final int CHANGES = 10;
  private static final int TAKEN = 30;

  private final TargetServer server = TargetKind.MARIADB.server();
  private final String db = "detect" + TargetServer.unique();
  private final TableVersion noted = table(db, "noted", "id", "v");
  private final TableVersion t = table(db, "t", "id", "u");
  private final Acks acks = new Acks();
  private long commitTs = 10;

  /** One change of a row as the server saw it. */
  private record Seen(int id, int v, long session) {}

  @BeforeEach
  void makeTables() {
    server.execute(
        "create database " + db,
        "use " + db,
        "create table noted(id int primary key, v int)",
        "create table note(seq bigint auto_increment primary key, id int, v int, session bigint)",
        "create trigger i after insert on noted for each row"
            + " insert into note(id,v,session) values(new.id,new.v,connection_id())",
        "create trigger u after update on noted for each row"
            + " insert into note(id,v,session) values(new.id,new.v,connection_id())",
        "create trigger d after delete on noted for each row"
            + " insert into note(id,v,session) values(old.id,-old.v,connection_id())",
        "create table t(id int primary key, u int, unique key(u))");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  private MysqlSink open(Detection detection) {
    return TargetServer.open(
        server.settings().withWorkers(WORKERS, 1).withDispatch(Dispatch.ROWS, detection),
        TargetServer.unique(),
        ResumeFrom.initial(new Tso(1)),
        acks);
  }

  private void submit(MysqlSink sink, RowChange... rows) throws InterruptedException {
    sink.submit(transaction(commitTs += 10, rows));
  }

  /** Insert, updates and delete of each key, again and again; all is applied after each round. */
  private void changeEachKeyOften(MysqlSink sink) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      int first = round * CHANGES + 1;
      for (int id = 1; id <= KEYS; id++) {
        submit(sink, insert(noted, id, first));
      }
      for (int v = first + 1; v < first + CHANGES; v++) {
        for (int id = 1; id <= KEYS; id++) {
          submit(sink, update(noted, List.of(id, v - 1), List.of(id, v)));
        }
      }
      for (int id = 1; id <= KEYS; id++) {
        submit(sink, delete(noted, id, first + CHANGES - 1));
      }
      assertThat(sink.drain(LIMIT)).isTrue();
    }
  }

  private static List<Integer> valuesOfOneKey() {
    List<Integer> values = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      IntStream.rangeClosed((round - 1) * CHANGES + 1, round * CHANGES).forEach(values::add);
      values.add(-round * CHANGES);
    }
    return values;
  }

  /** By key, in the order of the server. */
  private Map<Integer, List<Seen>> seen() throws SQLException {
    Map<Integer, List<Seen>> byKey = new TreeMap<>();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select id, v, session from " + db + ".note order by seq")) {
      while (rows.next()) {
        Seen one = new Seen(rows.getInt(1), rows.getInt(2), rows.getLong(3));
        byKey.computeIfAbsent(one.id, id -> new ArrayList<>()).add(one);
      }
    }
    return byKey;
  }

  private static long sessions(List<Seen> changes) {
    return changes.stream().map(Seen::session).distinct().count();
  }

  @ParameterizedTest
  @EnumSource(Detection.class)
  void rowsOfOneKey_keepTheirOrder(Detection detection) throws Exception {
    try (MysqlSink sink = open(detection)) {
      changeEachKeyOften(sink);
      assertThat(sink.counters().divergences()).isZero();
      assertThat(sink.counters().retries()).isZero();
    }

    Map<Integer, List<Seen>> seen = seen();
    assertThat(seen).hasSize(KEYS);
    assertThat(seen.values())
        .allSatisfy(
            changes ->
                assertThat(changes)
                    .extracting(Seen::v)
                    .containsExactlyElementsOf(valuesOfOneKey()));
    assertThat(sessions(seen.values().stream().flatMap(List::stream).toList()))
        .as("connections that rows went over")
        .isBetween(2L, (long) WORKERS);
  }

  @Test
  void withoutDetection_aKeyHasOneConnection_withItTheOneThatIsFree() throws Exception {
    try (MysqlSink sink = open(Detection.OFF)) {
      changeEachKeyOften(sink);
    }
    assertThat(seen().values()).extracting(DetectionTest::sessions).containsOnly(1L);

    server.execute("truncate table " + db + ".note");
    try (MysqlSink sink = open(Detection.ON)) {
      changeEachKeyOften(sink);
    }
    assertThat(seen().values()).extracting(DetectionTest::sessions).anyMatch(count -> count > 1);
  }

  /** Somebody holds row 1, which has each value in turn before another row gets it. */
  private List<String> passOnAllValuesOfRowOneWhileItIsHeld(
      MysqlSink sink, ToIntFunction<List<String>> awaited) throws Exception {
    try (Connection other = server.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("insert into " + db + ".t values(1,-1)");
      submit(sink, insert(t, 1, 1));
      for (int u = 2; u <= TAKEN; u++) {
        submit(sink, update(t, List.of(1, u - 1), List.of(1, u)));
        submit(sink, insert(t, u, u - 1));
      }
      Awaitility.await().atMost(LIMIT).until(() -> awaited.applyAsInt(rows()) > 0);
      assertThat(sink.drain(Duration.ofMillis(500))).isFalse();
      List<String> early = rows();
      other.rollback();
      assertThat(sink.drain(LIMIT)).isTrue();
      return early;
    }
  }

  private List<String> rows() {
    return server.rows("select * from " + db + ".t");
  }

  /** Row 1 has the last value, and each other row the one it was given. */
  private static String[] upstreamsRows() {
    return IntStream.rangeClosed(1, TAKEN)
        .mapToObj(id -> id + "," + (id == 1 ? TAKEN : id - 1))
        .sorted()
        .toArray(String[]::new);
  }

  @Test
  void valuesPassedOnFromRowToRow_keepTheirOrderWithDetection() throws Exception {
    try (MysqlSink sink = open(Detection.ON)) {
      assertThat(passOnAllValuesOfRowOneWhileItIsHeld(sink, rows -> 1))
          .as("rows ahead of what they wait for")
          .isEmpty();
      assertThat(sink.counters().divergences()).isZero();
    }
    assertThat(rows()).containsExactly(upstreamsRows());
  }

  @Test
  void valuesPassedOnFromRowToRow_overtakeWithoutDetection_andTheRowsThatDidAreLost()
      throws Exception {
    List<String> early;
    try (MysqlSink sink = open(Detection.OFF)) {
      early = passOnAllValuesOfRowOneWhileItIsHeld(sink, List::size);
      assertThat(early).isNotEmpty().isSubsetOf(upstreamsRows());
      assertThat(sink.counters().divergences()).isGreaterThanOrEqualTo(early.size());
      assertThat(acks.failure.get()).isNull();
    }
    assertThat(rows())
        .contains("1," + TAKEN)
        .doesNotContainAnyElementsOf(early)
        .isSubsetOf(upstreamsRows());
  }
}
