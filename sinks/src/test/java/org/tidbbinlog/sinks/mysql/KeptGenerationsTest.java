package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.KeptScene.FIRST;
import static org.tidbbinlog.sinks.mysql.KeptScene.KEPT;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher.Step;

/** {@code keep-dropped}: a database that comes back is the one that is meant, and whole. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class KeptGenerationsTest {
  private static final long SECOND = 2;
  private static final DdlWatcher KILLED_BEFORE_DONE =
      (at, statement) -> {
        if (at == Step.AFTER_STATEMENT) {
          throw new IllegalStateException("killed");
        }
      };

  private final TargetServer server = TargetKind.MARIADB.server();
  private final KeptScene scene = new KeptScene(server);

  private void makeWithRows(long ts, long schemaId, String name, long... values)
      throws InterruptedException {
    scene.apply(scene.made(ts, schemaId), scene.tableMade(ts + 1, 70 + ts, name));
    for (int i = 0; i < values.length; i++) {
      scene.apply(transaction(ts + 2 + i, insert(table(scene.db, name, "v"), values[i])));
    }
  }

  @Test
  void databaseDroppedEmptyLast_comesBackEmpty_notAsTheOneBefore() throws Exception {
    makeWithRows(10, FIRST, "t", 1, 2);
    scene.apply(scene.dropped(40, FIRST), scene.made(45, SECOND), scene.dropped(50, SECOND));
    scene.apply(scene.flashback(60, SECOND));
    assertThat(scene.tables()).isEmpty();
    scene.apply(scene.dropped(70, SECOND), scene.flashback(80, FIRST));
    assertThat(scene.rows("t")).containsExactly("1", "2");
  }

  @Test
  void databaseThatWasEmpty_comesBack() throws Exception {
    scene.apply(scene.made(45, FIRST), scene.dropped(50, FIRST), scene.flashback(60, FIRST));
    assertThat(server.rows("show databases like '" + scene.db + "'")).hasSize(1);
    scene.age(25);
    scene.cleanUp();
    assertThat(server.rows("select * from " + scene.register())).isEmpty();
  }

  @Test
  void flashbackKilledBeforeItsMark_bringsBackNothingMore() throws Exception {
    makeWithRows(10, FIRST, "t", 1);
    scene.apply(scene.dropped(20, FIRST));
    makeWithRows(30, SECOND, "u", 7);
    scene.apply(scene.dropped(40, SECOND));
    for (int life = 1; life <= 2; life++) {
      assertThatThrownBy(() -> scene.apply(KILLED_BEFORE_DONE, scene.flashback(60, SECOND)))
          .hasMessage("killed");
    }
    scene.apply(scene.flashback(60, SECOND));
    assertThat(scene.tables()).containsExactly("u");
    assertThat(scene.rows("u")).containsExactly("7");
    assertThat(scene.kept()).hasSize(1);
  }

  @Test
  void databaseDroppedAgainAfterItCameBack_comesBackAsItWasThen() throws Exception {
    makeWithRows(10, FIRST, "t", 1);
    scene.apply(scene.dropped(20, FIRST), scene.flashback(30, FIRST));
    scene.apply(scene.tableDropped(40, 80, "t"), scene.tableMade(41, 91, "u"));
    scene.apply(scene.dropped(50, FIRST), scene.flashback(60, FIRST));
    assertThat(scene.tables()).containsExactly("u");
    server.execute("drop database " + scene.db);
    assertThatThrownBy(() -> scene.apply(scene.flashback(70, FIRST)))
        .as("its last drop was not ours: nothing older takes its place")
        .hasMessageContaining("keep-dropped");
  }

  /** As an earlier release wrote it: no ids of databases, no row of the database itself. */
  @Test
  void databasesInARegisterWithoutIds_areFoundByTheirName_eachOnce() throws Exception {
    makeWithRows(10, FIRST, "t", 1);
    scene.apply(scene.dropped(20, FIRST));
    makeWithRows(30, SECOND, "u", 7);
    scene.apply(scene.dropped(40, SECOND));
    server.execute(
        "delete from " + scene.register() + " where tableName=''",
        "update " + scene.register() + " set tableID=0");
    assertThatThrownBy(() -> scene.apply(KILLED_BEFORE_DONE, scene.flashback(60, SECOND)))
        .hasMessage("killed");
    scene.apply(scene.flashback(60, SECOND));
    assertThat(scene.tables()).containsExactly("u");
  }

  @Test
  void tablesWhoseNamesDifferInAccentOrCase_areKeptEach() throws Exception {
    scene.apply(scene.made(10, FIRST));
    List<String> names = List.of("cafe", "café", "T", "t");
    for (String name : names) {
      server.execute(
          "create table " + scene.db + ".`" + name + "`(v varchar(9))",
          "insert into " + scene.db + ".`" + name + "` values('" + name + "')");
    }
    scene.apply(scene.dropped(40, FIRST));
    assertThat(scene.kept()).hasSize(4);
    scene.apply(scene.flashback(60, FIRST));
    for (String name : names) {
      assertThat(scene.rows(name)).containsExactly(name);
    }
  }

  @Test
  void registerOfALatin1Database_fromAnEarlierRelease_takesEveryName() throws Exception {
    server.execute(
        "create database " + scene.settings.ledgerSchema() + " character set latin1",
        "create table "
            + scene.register()
            + " (clusterID bigint unsigned not null, keptName varchar(64) not null,"
            + " schemaName varchar(64) not null, tableName varchar(64) not null,"
            + " tableID bigint not null, commitTs bigint unsigned not null,"
            + " droppedBy varchar(16) not null,"
            + " droppedAt timestamp not null default current_timestamp,"
            + " primary key (clusterID, keptName))",
        "create database if not exists " + KEPT,
        "create table " + KEPT + ".k_" + Long.toUnsignedString(scene.cluster) + "_5_0(v bigint)",
        "insert into "
            + scene.register()
            + " values ("
            + Long.toUnsignedString(scene.cluster)
            + ",'k_"
            + Long.toUnsignedString(scene.cluster)
            + "_5_0','"
            + scene.db
            + "','alt',99,5,'TABLE',now())");
    scene.apply(
        scene.made(10, FIRST), scene.tableMade(20, 71, "表一"), scene.tableMade(21, 72, "表二"));
    scene.apply(
        transaction(30, insert(table(scene.db, "表一", "v"), 1)),
        scene.truncated(31, 71, 73, "表一"),
        scene.tableDropped(32, 72, "表二"),
        scene.recovered(33, 72, "表二"),
        scene.recovered(34, 99, "alt"),
        transaction(35, insert(table(scene.db, "表一", "v"), 3)),
        scene.dropped(40, FIRST),
        scene.flashback(60, FIRST));
    assertThat(scene.rows("表一")).containsExactly("3");
    assertThat(scene.tables()).containsExactly("alt", "表一", "表二");
  }

  private void holdHalfDropped() throws InterruptedException {
    makeWithRows(10, FIRST, "t", 1);
    scene.apply(
        scene.tableMade(20, 72, "u"), transaction(30, insert(table(scene.db, "u", "v"), 7)));
    server.execute(
        "create trigger "
            + scene.db
            + ".tr before insert on "
            + scene.db
            + ".u for each row set new.v=new.v");
    assertThatThrownBy(() -> scene.apply(scene.dropped(40, FIRST)))
        .hasMessageContaining("DROP DATABASE");
    assertThat(scene.kept()).hasSize(1);
  }

  @Test
  void dropOfADatabase_heldForLongerThanTablesAreKept_comesBackWhole() throws Exception {
    holdHalfDropped();
    scene.age(25);
    scene.cleanUp();
    assertThat(scene.kept()).as("the DDL is under way").hasSize(1);
    server.execute("drop trigger " + scene.db + ".tr");
    scene.apply(scene.dropped(40, FIRST));
    scene.cleanUp();
    assertThat(scene.kept()).as("its time begins at its end").hasSize(2);
    scene.apply(scene.flashback(60, FIRST));
    assertThat(scene.rows("t")).containsExactly("1");
    assertThat(scene.rows("u")).containsExactly("7");
  }

  @Test
  void flashbackOfADatabase_heldForLongerThanTablesAreKept_findsThemStill() throws Exception {
    makeWithRows(10, FIRST, "t", 1);
    scene.apply(scene.tableMade(20, 72, "u"), scene.dropped(40, FIRST));
    String name =
        server.rows("select keptName from " + scene.register() + " where tableName='u'").get(0);
    server.execute("drop table " + KEPT + "." + name);
    assertThatThrownBy(() -> scene.apply(scene.flashback(60, FIRST))).hasMessageContaining("`u`");
    scene.age(25);
    scene.cleanUp();
    server.execute("create database " + scene.db, "create table " + scene.db + ".u(v bigint)");
    scene.apply(scene.flashback(60, FIRST));
    assertThat(scene.rows("t")).containsExactly("1");
  }

  @Test
  void tableMetWhenOthersOfItsDropAreGone_isKeptUnderANameOfItsOwn() throws Exception {
    holdHalfDropped();
    server.execute(
        "drop table " + KEPT + "." + scene.kept().get(0),
        "delete from " + scene.register() + " where tableName='t'",
        "drop trigger " + scene.db + ".tr",
        "create table " + scene.db + ".a(v bigint)");
    scene.apply(scene.dropped(40, FIRST));
    assertThat(scene.kept()).hasSize(2);
  }

  @Test
  void dropThatAPersonEndedByHand_doesNotComeBackInPart() throws Exception {
    makeWithRows(10, FIRST, "a", 1);
    scene.apply(scene.tableMade(20, 72, "b"), scene.tableMade(21, 73, "c"));
    server.execute(
        "create trigger "
            + scene.db
            + ".tr before insert on "
            + scene.db
            + ".b for each row set new.v=new.v");
    assertThatThrownBy(() -> scene.apply(scene.dropped(40, FIRST)))
        .hasMessageContaining("DROP DATABASE");
    server.execute("drop database " + scene.db);
    scene.apply(scene.dropped(40, FIRST));
    assertThatThrownBy(() -> scene.apply(scene.flashback(60, FIRST)))
        .hasMessageContaining("`b`, `c`");
  }
}
