package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.delete;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.testkit.network.Step;
import org.tidbbinlog.testkit.network.StepProxy;

/** A divergence is told once, wherever the connection is cut; and rows are applied once (I7). */
class LostDivergenceTest {
  @TempDir static Path directory = Path.of("");

  @RegisterExtension static final OwnServer SERVER = new OwnServer(() -> directory);

  private final OwnNames names = OwnNames.beginningWith("lost");

  @ParameterizedTest
  @EnumSource(Step.class)
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void missingRow_isToldOnce_whenTheCommitIsCut(Step step) throws Exception {
    String db = names.db();
    TableVersion t = table(db, "t", "id", "v");
    TableVersion log = table(db, "log", "v");
    SERVER
        .target()
        .execute(
            "create database " + db,
            "create table " + db + ".t(id int primary key, v int)",
            "create table " + db + ".log(v int)",
            "insert into " + db + ".t values (1,1),(3,3)");
    AtomicBoolean armed = new AtomicBoolean();
    StepProxy.Plan once =
        sql ->
            sql.equals("commit") && armed.compareAndSet(true, false)
                ? Optional.of(step)
                : Optional.empty();
    try (StepProxy proxy = new StepProxy("127.0.0.1", SERVER.port(), once);
        MysqlSink sink =
            TargetServer.open(
                names.settings(proxy.port()).withWorkers(1, 20),
                names.cluster(),
                ResumeFrom.initial(new Tso(1)),
                new Acks())) {
      armed.set(true);
      sink.submit(
          transaction(100, insert(log, 5), delete(t, 1, 1), delete(t, 2, 2), delete(t, 3, 3)));
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      Awaitility.await().until(() -> proxy.cuts().equals(List.of(step)));
      assertThat(sink.counters().divergences()).isEqualTo(1);
    }
    assertThat(SERVER.target().rows("select v from " + db + ".log")).containsExactly("5");
    assertThat(SERVER.target().rows("select * from " + db + ".t")).isEmpty();
  }
}
