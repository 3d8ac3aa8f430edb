package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/** One checkpoint row on a server of its own, and two targets (two ledgers) that would use it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ForeignCheckpointTest {
  private final long cluster = TargetServer.unique();
  private final TargetServer server = TargetKind.MARIADB.server();
  private final MysqlTargetSettings x = server.settings();
  private final MysqlTargetSettings y = server.settings();
  private final MysqlTargetSettings place = server.settings();
  private final String db = "f" + TargetServer.unique();
  private final String row = place.ledgerSchema() + ".checkpoint";

  @AfterEach
  void dropAll() {
    for (String schema :
        new String[] {x.ledgerSchema(), y.ledgerSchema(), place.ledgerSchema(), db}) {
      server.execute("drop database if exists " + schema);
    }
  }

  private MysqlCheckpointStore storeOf(MysqlTargetSettings target) {
    return MysqlCheckpointStore.openElsewhere(place, MysqlCheckpointStore.TABLE, target, cluster);
  }

  private static Checkpoint at(long commitTs) {
    return new Checkpoint(false, new Tso(commitTs), Map.of(), 1);
  }

  private void saved(MysqlTargetSettings target, long commitTs) {
    try (MysqlCheckpointStore store = storeOf(target)) {
      store.save(at(commitTs));
    }
  }

  private Optional<Tso> loaded(MysqlTargetSettings target) {
    try (MysqlCheckpointStore store = storeOf(target)) {
      return store.load().map(Checkpoint::commitTs);
    }
  }

  private String stored() {
    return String.join(";", server.rows("select checkPoint from " + row));
  }

  private String ledgerOf(MysqlTargetSettings target) {
    return server
        .rows(
            "select convert(applied using utf8mb4) from "
                + target.ledgerSchema()
                + ".drainer_ledger where slot=-1")
        .get(0);
  }

  private OperatorException refusal(MysqlTargetSettings target) {
    return catchThrowableOfType(OperatorException.class, () -> loaded(target));
  }

  /** Runs the statement that the refusal ends with. */
  private void takeTheWayOut(OperatorException refusal) {
    String message = String.valueOf(refusal.getMessage());
    server.execute(message.substring(message.indexOf("UPDATE ")));
  }

  @Test
  void rowOfAnotherTarget_isRefusedAndLeftAlone() {
    saved(x, 20);
    String before = stored();
    OperatorException refusal = refusal(y);
    assertThat(refusal)
        .hasMessageContaining(place.endpoint().toString())
        .hasMessageContaining("`" + place.ledgerSchema() + "`.`checkpoint`")
        .hasMessageContaining("cluster " + cluster)
        .hasMessageContaining(ledgerOf(x))
        .hasMessageContaining(ledgerOf(y))
        .hasMessageContaining("`" + y.ledgerSchema() + "`.`drainer_ledger`")
        .hasMessageContaining("schema of its own")
        .hasMessageContaining("everything up to commitTS 20")
        .hasMessageNotContaining("\n");
    assertThat(stored()).isEqualTo(before).contains(ledgerOf(x));
    assertThat(loaded(x)).contains(new Tso(20));
  }

  /** The place of the checkpoint is the target of another Drainer, which has its own row there. */
  @Test
  void rowOfADrainerThatWritesToThatServer_isRefusedAndLeftAlone() throws Exception {
    makeTable();
    appliedAtThePlace(transaction(30, insert(table(db, "t", "id", "v"), 1, 1)));
    String before = stored();
    OperatorException refusal = refusal(y);
    assertThat(refusal)
        .hasMessageContaining("cluster " + cluster)
        .hasMessageContaining("the ledger there knows its commitTS 30")
        .hasMessageContaining("schema of its own");
    assertThat(stored()).isEqualTo(before).doesNotContain("\"ledger\"");
    String message = String.valueOf(refusal.getMessage());
    server.execute(message.substring(message.indexOf("DELETE ")));
    assertThat(loaded(y)).contains(new Tso(30));
  }

  @Test
  void targetUnderAnotherAddress_isNoOtherTarget() throws Exception {
    makeTable();
    appliedAtThePlace(transaction(30, insert(table(db, "t", "id", "v"), 1, 1)));
    assertThat(loaded(place)).contains(new Tso(30));
  }

  @Test
  void copyThatTookTheOthersPlace_goesOnAfterTheWayOut_andTheOtherIsRefusedThen() throws Exception {
    saved(x, 20);
    takeTheWayOut(refusal(y));
    assertThat(stored()).doesNotContain("ledger");
    makeTable();
    server.execute("insert into " + db + ".t values(2,2)"); // Applied before the copy was made.
    TableVersion t = table(db, "t", "id", "v");
    applied(y, transaction(30, insert(t, 2, 2)), transaction(40, insert(t, 3, 3)));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("2,2", "3,3");
    assertThat(stored()).contains("\"commitTS\":40", ledgerOf(y));
    assertThat(refusal(x)).hasMessageContaining(ledgerOf(y));
  }

  @Test
  void ledgerThatWasDropped_isRefusedWithTheSameWayOut() throws Exception {
    makeTable();
    TableVersion t = table(db, "t", "id", "v");
    applied(x, transaction(30, insert(t, 1, 1)));
    server.execute("drop database " + x.ledgerSchema());
    takeTheWayOut(refusal(x));
    applied(x, transaction(40, insert(t, 2, 2)));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,2");
  }

  @Test
  void targetThatCameWithItsLedger_goesOn() {
    saved(x, 20);
    server.execute(
        "create database " + y.ledgerSchema(),
        "create table "
            + y.ledgerSchema()
            + ".drainer_ledger like "
            + x.ledgerSchema()
            + ".drainer_ledger",
        "insert into "
            + y.ledgerSchema()
            + ".drainer_ledger select * from "
            + x.ledgerSchema()
            + ".drainer_ledger");
    assertThat(loaded(y)).contains(new Tso(20));
  }

  @Test
  void rowOfAnOriginalDrainer_isGoneOnFromByAnyTarget() throws Exception {
    loaded(x);
    server.execute(
        "replace into " + row + " values(" + cluster + ",'{\"consistent\":true,\"commitTS\":20}')");
    makeTable();
    applied(y, transaction(30, insert(table(db, "t", "id", "v"), 1, 1)));
    assertThat(stored()).contains("\"commitTS\":30", ledgerOf(y));
  }

  @Test
  void twoFirstStarts_theSecondToSaveIsRefused() {
    try (MysqlCheckpointStore ofX = storeOf(x);
        MysqlCheckpointStore ofY = storeOf(y)) {
      assertThat(ofX.load()).isEmpty();
      assertThat(ofY.load()).isEmpty();
      ofX.save(at(20));
      assertThatThrownBy(() -> ofY.save(at(30)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining(ledgerOf(x));
      ofX.save(at(25));
      assertThat(stored()).contains("\"commitTS\":25", ledgerOf(x));
    }
  }

  @Test
  void targetThatKeepsAnothersRowInItsOwnSchema_isRefused_unlessTheLedgerIsThereToo() {
    saved(x, 20);
    assertThatThrownBy(() -> besideTheRow(place))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(ledgerOf(x))
        .hasMessageContaining("has no ledger");
    server.execute(
        "create table "
            + place.ledgerSchema()
            + ".drainer_ledger select * from "
            + x.ledgerSchema()
            + ".drainer_ledger");
    assertThat(besideTheRow(place)).contains(new Tso(20));
  }

  private Optional<Tso> besideTheRow(MysqlTargetSettings target) {
    try (MysqlCheckpointStore store = MysqlCheckpointStore.open(target, cluster)) {
      return store.load().map(Checkpoint::commitTs);
    }
  }

  private void makeTable() {
    server.execute("create database " + db, "create table " + db + ".t(id int primary key, v int)");
  }

  private void applied(MysqlTargetSettings target, SinkItem... items) throws Exception {
    live(storeOf(target), target, items);
  }

  private void appliedAtThePlace(SinkItem... items) throws Exception {
    live(MysqlCheckpointStore.open(place, cluster), place, items);
  }

  /** A Drainer's life that ends with its last checkpoint. */
  private void live(MysqlCheckpointStore opened, MysqlTargetSettings settings, SinkItem... items)
      throws Exception {
    try (MysqlCheckpointStore store = opened) {
      Optional<Checkpoint> found = store.load();
      MysqlTarget target =
          new MysqlTarget(
              settings,
              store,
              cluster,
              Tso.MAX,
              new SinkCounters(SinkCounters.Listener.NONE),
              Clock.system(),
              DdlAirlock.stopping(Clock.system()));
      Acks acks = new Acks();
      Tso start = found.map(Checkpoint::commitTs).orElse(new Tso(1));
      try (Sink sink = target.open(found, start, acks)) {
        for (SinkItem item : items) {
          sink.submit(item);
        }
        assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
      }
      store.save(at(acks.last().value()));
      assertThat(target.counters().divergences()).isZero();
    }
  }
}
