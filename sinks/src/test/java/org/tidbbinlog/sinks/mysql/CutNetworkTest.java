package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/** Connections that both sides think open and that nothing comes through any more. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CutNetworkTest {
  @TempDir static Path directory = Path.of("");

  @RegisterExtension static final OwnServer SERVER = new OwnServer(() -> directory);

  private final OwnNames names = OwnNames.beginningWith("net");
  private final TableVersion t = table(names.db(), "t", "v");

  private MysqlTargetSettings settings(BlackHole network, Map<String, String> params) {
    SERVER
        .process()
        .execute("create database " + names.db(), "create table " + names.db() + ".t(v int)");
    return names
        .settings(network.port())
        .withWorkers(4, 20)
        .withSession(new MysqlTargetSettings.Session("", params, Duration.ofSeconds(2)));
  }

  private MysqlSink open(MysqlTargetSettings settings, Acks acks) {
    return TargetServer.open(settings, names.cluster(), ResumeFrom.initial(new Tso(1)), acks);
  }

  @Test
  void cutNetwork_thatHeals_isWaitedFor_andOurOwnLostLockDoesNotStopUs() throws Exception {
    Acks acks = new Acks();
    int count = 400;
    try (BlackHole network = new BlackHole(SERVER.port());
        MysqlSink sink = open(settings(network, Map.of()), acks)) {
      sink.submit(transaction(100, insert(t, 0)));
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      String first = names.lockHolder(SERVER.target());
      for (int i = 1; i < count; i++) {
        sink.submit(transaction(100 + i, insert(t, i)));
        if (i == count / 2) {
          network.cut();
        }
      }
      Thread.sleep(3_000);
      assertThat(names.lockHolder(SERVER.target())).isEqualTo(first);
      network.heal();
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(acks.failure.get()).isNull();
      assertThat(names.lockHolder(SERVER.target())).isNotIn(first, "null");
      assertThatThrownBy(() -> open(names.settings(SERVER.port()), new Acks()))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("another Drainer");
    }
    assertThat(SERVER.target().rows("select count(*), count(distinct v) from " + names.db() + ".t"))
        .containsExactly(count + "," + count);
  }

  @Test
  void hostWithoutPower_losesItsLockByTheServersOwnTimeout_andTheNextOneFencesIt()
      throws Exception {
    Acks acks = new Acks();
    try (BlackHole network = new BlackHole(SERVER.port())) {
      MysqlTargetSettings settings = settings(network, Map.of("wait_timeout", "6"));
      try (MysqlSink dead = open(settings, acks)) {
        dead.submit(transaction(100, insert(t, 1)));
        assertThat(dead.drain(Duration.ofSeconds(20))).isTrue();
        network.cut();
        MysqlTargetSettings direct = names.settings(SERVER.port());
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> names.lockHolder(SERVER.target()).equals("null"));
        try (MysqlSink next = open(direct, new Acks())) {
          network.heal();
          next.submit(transaction(100, insert(t, 1)));
          next.submit(transaction(200, insert(t, 2)));
          assertThat(next.drain(Duration.ofSeconds(20))).isTrue();
          Awaitility.await().untilAsserted(() -> assertThat(acks.failure.get()).isNotNull());
          assertThat(acks.failure.get())
              .isInstanceOf(OperatorException.class)
              .hasMessageContaining("another Drainer has taken over");
        }
      }
    }
    assertThat(SERVER.target().rows("select v from " + names.db() + ".t"))
        .containsExactly("1", "2");
  }

  @Test
  void idleDrainer_keepsItsLockBeyondTheServersTimeout() throws Exception {
    Acks acks = new Acks();
    try (BlackHole network = new BlackHole(SERVER.port());
        MysqlSink sink = open(settings(network, Map.of("wait_timeout", "6")), acks)) {
      sink.submit(transaction(100, insert(t, 1)));
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      String holder = names.lockHolder(SERVER.target());
      Thread.sleep(9_000);
      assertThat(names.lockHolder(SERVER.target())).isEqualTo(holder);
      sink.submit(transaction(200, insert(t, 2)));
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(sink.counters().retries()).isZero();
    }
  }

  @Test
  void sessions_areEndedByTheServerAfterMinutesOfSilence() throws Exception {
    try (SqlSession session =
        TargetConnector.probe(MysqlTargetSettings.of("127.0.0.1", SERVER.port(), "root", ""))
            .open()) {
      assertThat(Integer.parseInt(session.query("select @@wait_timeout").get(0).get(0)))
          .isBetween(60, 300);
    }
  }
}
