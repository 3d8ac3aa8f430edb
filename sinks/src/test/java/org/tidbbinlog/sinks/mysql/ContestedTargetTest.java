package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;

/** Cut connections, a second Drainer, refused accounts, checkpoints of others. */
@EachTarget
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ContestedTargetTest {
  private final long cluster = TargetServer.unique();
  private final TargetServer server;

  ContestedTargetTest(TargetKind kind) {
    this.server = kind.server();
  }

  @Test
  void cutConnections_atAnyMoment_loseAndDoubleNothing() throws Exception {
    String db = "cut" + TargetServer.unique();
    server.execute("create database " + db, "create table " + db + ".t(v int)");
    TableVersion t = table(db, "t", "v");
    int count = 3000;
    MysqlTargetSettings settings = server.settingsOfNewUser("p");
    String user = settings.endpoint().user();
    String lock = settings.ledgerSchema() + "." + cluster;
    try (MysqlSink sink =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks())) {
      Thread cutter = new Thread(() -> cutConnections(user, lock, 60), "test-cutter");
      cutter.start();
      for (int i = 0; i < count; i++) {
        sink.submit(transaction(100 + i, insert(t, i)));
        if (i % 50 == 0) {
          pause(10);
        }
      }
      cutter.join();
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().retries()).isPositive();
    }
    assertThat(server.rows("select count(*), count(distinct v) from " + db + ".t"))
        .containsExactly(count + "," + count);
    server.execute("drop database " + db, "drop user " + user);
  }

  private void cutConnections(String user, String lock, int times) {
    for (int i = 0; i < times; i++) {
      server.killSessionsOf(user, lock);
      pause(5);
    }
  }

  @Test
  void secondDrainer_isRefused_andMayStartAfterTheFirst() throws Exception {
    MysqlTargetSettings settings = server.settings();
    MysqlSink first =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks());
    assertThatThrownBy(
            () -> TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("another Drainer")
        .hasMessageNotContaining("\n");
    first.close();
    TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks()).close();
  }

  @Test
  void drainerThatLostItsLock_cannotWriteAfterTheNextOneStarted() throws Exception {
    String db = "fence" + TargetServer.unique();
    server.execute("create database " + db, "create table " + db + ".t(v int)");
    TableVersion t = table(db, "t", "v");
    MysqlTargetSettings settings = server.settingsOfNewUser("p");
    Acks acks = new Acks();
    try (MysqlSink old =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), acks)) {
      old.submit(transaction(10, insert(t, 1)));
      assertThat(old.drain(Duration.ofSeconds(20))).isTrue();
      server.killSessionsOf(settings.endpoint().user(), "");
      try (MysqlSink next =
          TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks())) {
        assertThat(next.lowWatermark()).isNotNull();
        old.submit(transaction(20, insert(t, 2)));
        assertThatThrownBy(() -> old.drain(Duration.ofSeconds(40)))
            .isInstanceOf(OperatorException.class)
            .hasMessageContaining("another Drainer");
      }
    }
    assertThat(server.rows("select v from " + db + ".t")).containsExactly("1");
    server.execute("drop database " + db);
  }

  @Test
  void wrongPasswordAndClosedTarget_areOneLine() {
    MysqlTargetSettings settings = server.settings();
    int port = settings.endpoint().port();
    assertThatThrownBy(
            () ->
                TargetServer.open(
                    MysqlTargetSettings.of("127.0.0.1", port, "nobody", "p@ss/wo:rd?&'\""),
                    cluster,
                    ResumeFrom.initial(new Tso(1)),
                    new Acks()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("nobody@127.0.0.1")
        .hasMessageContaining("password")
        .hasMessageNotContaining("p@ss")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(
            () ->
                TargetServer.open(
                    MysqlTargetSettings.of("127.0.0.1", 1, "root", ""),
                    cluster,
                    ResumeFrom.initial(new Tso(1)),
                    new Acks()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("127.0.0.1:1")
        .hasMessageNotContaining("\n");
  }

  @Test
  void passwordWithSpecialCharacters_works() {
    MysqlTargetSettings settings = server.settingsOfNewUser("p@ss/wo:rd?&%'\\\"#");
    TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks()).close();
    server.execute("drop user " + settings.endpoint().user());
  }

  @Test
  @DisplayName("drainer fact 19: an old checkpoint row loads")
  void checkpointRows_ofAllEras_load() {
    MysqlTargetSettings settings = server.settings();
    try (MysqlCheckpointStore store = MysqlCheckpointStore.open(settings, cluster)) {
      assertThat(store.load()).isEmpty();
      String table = settings.ledgerSchema() + ".checkpoint";
      server.execute(
          "replace into "
              + table
              + " values("
              + cluster
              + ",'{\"commitTS\":5,\"ts-map\":{\"master-ts\":4,\"slave-ts\":9}}')");
      Optional<Checkpoint> old = store.load();
      assertThat(old.map(Checkpoint::commitTs)).contains(new Tso(5));
      assertThat(old.orElseThrow().tsMap()).containsEntry("primary-ts", 4L);

      store.save(new Checkpoint(true, new Tso(77), Map.of("primary-ts", 1L), 12));
      assertThat(server.rows("select checkPoint from " + table))
          .containsExactly(
              "{\"consistent\":true,\"commitTS\":77,\"ts-map\":{\"primary-ts\":1},"
                  + "\"schema-version\":12}");
      assertThatThrownBy(() -> store.save(new Checkpoint(false, new Tso(76), Map.of(), 12)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("ahead");
    }
  }

  @Test
  void takeoverFromAnotherDrainer_writesSafelyAtFirst() throws Exception {
    String db = "take" + TargetServer.unique();
    server.execute(
        "create database " + db,
        "create table " + db + ".t(id int primary key, v int)",
        "insert into " + db + ".t values(1,1)");
    TableVersion t = table(db, "t", "id", "v");
    SinkItem.Transaction overlapping = transaction(20, insert(t, 1, 1), insert(t, 2, 2));
    try (MysqlSink sink =
        TargetServer.open(
            server.settings(), cluster, ResumeFrom.checkpoint(new Tso(10)), new Acks())) {
      sink.submit(overlapping);
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(sink.counters().divergences()).isZero();
    }
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,2");
    server.execute("drop database " + db);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
