package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher.Step;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;

/**
 * A DDL is interrupted at each point between its intent and its end (I7): the server's own log of
 * statements shows that each ran once. Names hold {@code $}, replaced by a number of the test's
 * own.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DdlCrashTest {
  @TempDir static Path directory = Path.of("");
  private static @Nullable MariaDb started;

  private final long number = TargetServer.unique();
  private final long cluster = TargetServer.unique();

  @BeforeAll
  static void startServer() {
    started =
        MariaDb.start(
            directory.resolve("data"),
            MariaDbOptions.forTests().with("--general-log=ON").with("--log-output=TABLE"));
  }

  @AfterAll
  static void stopServer() {
    server().close();
  }

  private static MariaDb server() {
    return java.util.Objects.requireNonNull(started);
  }

  /** How the work ends at a step. */
  enum Failure {
    /** The process is gone; another one starts. */
    DRAINER_KILLED,
    CONNECTION_LOST,
    SERVER_KILLED
  }

  /**
   * A kind of DDL.
   *
   * @param setup run before, in lower case
   * @param query the job's text; its statements are what the server's log must show once each
   * @param look a query that tells the end from all else
   */
  record Job(String name, List<String> setup, String query, String look, List<String> end) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Job> jobs() {
    List<String> abc =
        List.of(
            "create table a$(v int)",
            "create table b$(v int)",
            "create table c$(v int)",
            "insert into a$ values(1)",
            "insert into b$ values(2)",
            "insert into c$ values(3)");
    String letters =
        "select 'a',v from a$ union all select 'b',v from b$ union all select 'c',v from c$";
    String columns =
        "select table_name, column_name from information_schema.columns where table_schema='d$'";
    String indexes =
        "select index_name, column_name from information_schema.statistics where"
            + " table_schema='d$'";
    List<String> one = List.of("create table t$(id int, v int)", "insert into t$ values(1,2)");
    return List.of(
        new Job("create table", List.of(), "CREATE TABLE `t$` (`id` INT)", columns, l("t$,id")),
        new Job(
            "create table like",
            one,
            "CREATE TABLE `u$` LIKE `t$`",
            columns,
            l("t$,id", "t$,v", "u$,id", "u$,v")),
        new Job("drop table", one, "DROP TABLE `t$`", columns, l()),
        new Job("rename table", one, "RENAME TABLE `t$` TO `u$`", columns, l("u$,id", "u$,v")),
        new Job(
            "rename cycle",
            abc,
            "RENAME TABLE `a$` TO `tmp$`, `c$` TO `a$`, `b$` TO `c$`, `tmp$` TO `b$`",
            letters,
            l("a,3", "b,1", "c,2")),
        new Job(
            "alter rename", one, "ALTER TABLE `t$` RENAME TO `u$`", columns, l("u$,id", "u$,v")),
        new Job(
            "exchange partition",
            List.of(
                "create table e$(id int)",
                "create table p$(id int) partition by range(id)"
                    + " (partition p0 values less than (10), partition p1 values less than (99))",
                "insert into e$ values(31)",
                "insert into p$ values(50)"),
            "ALTER TABLE `p$` EXCHANGE PARTITION `p1` WITH TABLE `e$`",
            "select 'e',id from e$ union all select 'p',id from p$",
            l("e,50", "p,31")),
        new Job(
            "add column",
            one,
            "ALTER TABLE `t$` ADD COLUMN `w` INT",
            columns,
            l("t$,id", "t$,v", "t$,w")),
        new Job("drop column", one, "ALTER TABLE `t$` DROP COLUMN `v`", columns, l("t$,id")),
        new Job("add index", one, "ALTER TABLE `t$` ADD INDEX (`v`)", indexes, l("v,v")),
        new Job("create index", one, "CREATE INDEX `i` ON `t$` (`v`)", indexes, l("i,v")),
        new Job("truncate", one, "TRUNCATE TABLE `t$`", "select count(*) from t$", l("0")),
        new Job(
            "create database",
            List.of(),
            "CREATE DATABASE `x$` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "select count(*) from information_schema.schemata where schema_name='x$'",
            l("1")),
        new Job(
            "drop database",
            List.of("create database x$", "create table x$.t(id int)"),
            "DROP DATABASE `x$`",
            "select count(*) from information_schema.schemata where schema_name='x$'",
            l("0")),
        new Job(
            "create tables",
            List.of(),
            "CREATE TABLE `a$` (`v` INT); CREATE TABLE `b$` (`w` INT); CREATE TABLE `c$` (`x` INT)",
            columns,
            l("a$,v", "b$,w", "c$,x")));
  }

  private static List<String> l(String... values) {
    return List.of(values);
  }

  static Stream<Arguments> interruptions() {
    List<Arguments> all = new ArrayList<>();
    for (Job job : jobs()) {
      int statements = job.query.split(";").length;
      for (int statement = 0; statement < statements; statement++) {
        for (Step step : Step.values()) {
          if (step != Step.AFTER_DONE || statement == statements - 1) {
            all.add(Arguments.of(job, step, statement, Failure.DRAINER_KILLED));
          }
          if (step == Step.AFTER_INTENT || step == Step.AFTER_STATEMENT) {
            all.add(Arguments.of(job, step, statement, Failure.CONNECTION_LOST));
          }
        }
      }
    }
    return all.stream();
  }

  static Stream<Arguments> serverKills() {
    List<String> kinds =
        List.of("rename cycle", "exchange partition", "add index", "create tables");
    return jobs().stream()
        .filter(job -> kinds.contains(job.name))
        .flatMap(
            job ->
                Stream.of(Step.AFTER_INTENT, Step.AFTER_STATEMENT)
                    .map(step -> Arguments.of(job, step, 0, Failure.SERVER_KILLED)));
  }

  @ParameterizedTest(name = "{0}, {1} of statement {2}, {3}")
  @MethodSource({"interruptions", "serverKills"})
  void interruptedDdl_runsOnce(Job job, Step step, int statement, Failure failure)
      throws Exception {
    MysqlTargetSettings settings = prepared(job);
    SinkItem ddl = item(job);
    AtomicBoolean struck = new AtomicBoolean();
    DdlWatcher strike =
        (at, of) -> {
          if (at == step && of == statement && struck.compareAndSet(false, true)) {
            fail(failure, settings);
          }
        };
    try (MysqlSink sink = open(settings, strike)) {
      if (failure == Failure.DRAINER_KILLED) {
        assertThatThrownBy(() -> sink.submit(ddl)).hasMessage("killed");
      } else {
        sink.submit(ddl);
      }
    }
    assertThat(struck).isTrue();
    try (MysqlSink sink = open(settings, DdlWatcher.NONE)) {
      sink.submit(ddl);
      sink.submit(
          transaction(ddl.commitTs().value() + 10, insert(table("d" + number, "after", "v"), 1)));
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
    }
    assertThat(seen(job.look)).isEqualTo(job.end.stream().map(this::named).toList());
    assertThat(statementsRun())
        .containsExactlyElementsOf(
            Stream.of(job.query.split(";")).map(String::strip).map(this::named).toList());
    assertThat(seen("select v from after")).containsExactly("1");
  }

  @Test
  void renameCycle_whoseNumbersTheTargetDoesNotTell_isHeldWithTheWayOut() throws Exception {
    Job cycle = jobs().get(4);
    MysqlTargetSettings settings = prepared(cycle);
    String user = "narrow" + number;
    server()
        .execute(
            "create user " + user + "@'127.0.0.1'",
            "grant all on d" + number + ".* to " + user + "@'127.0.0.1'",
            "grant all on " + settings.ledgerSchema() + ".* to " + user + "@'127.0.0.1'");
    MysqlTargetSettings narrow =
        MysqlTargetSettings.of("127.0.0.1", server().port(), user, "")
            .withLedgerSchema(settings.ledgerSchema());
    try (MysqlSink sink = open(narrow, at(Step.AFTER_STATEMENT))) {
      assertThatThrownBy(() -> sink.submit(item(cycle))).hasMessage("killed");
    }
    try (MysqlSink sink = open(narrow, DdlWatcher.NONE)) {
      assertThatThrownBy(() -> sink.submit(item(cycle)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("is held")
          .hasMessageContaining("RENAME TABLE")
          .hasMessageContaining("ignore-txn-commit-ts = [100]")
          .hasMessageNotContaining("\n");
    }
    assertThat(statementsRun()).containsExactly(named(cycle.query));
  }

  @Test
  void statementThatStillRuns_isWaitedForByTheNextDrainer() throws Exception {
    Job cycle = jobs().get(4);
    MysqlTargetSettings settings = prepared(cycle);
    AtomicReference<@Nullable Throwable> firstEnd = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> secondEnd = new AtomicReference<>();
    Thread second;
    Thread first;
    MysqlSink next;
    try (Connection blocker = server().connect();
        var statement = blocker.createStatement()) {
      statement.execute("begin");
      statement.executeQuery("select * from d" + number + ".a" + number).close();
      MysqlSink gone = open(settings, DdlWatcher.NONE);
      first = submit(gone, item(cycle), firstEnd);
      Awaitility.await().until(() -> statementsRun().size() == 1);
      gone.close();
      next = open(settings, DdlWatcher.NONE);
      second = submit(next, item(cycle), secondEnd);
      Awaitility.await()
          .until(
              () ->
                  !seen("select id from information_schema.processlist"
                          + " where info like '%get_lock%ddl%' and id<>connection_id()")
                      .isEmpty());
      Thread.sleep(1_000);
      assertThat(second.isAlive()).isTrue();
      statement.execute("commit");
    }
    second.join();
    first.join();
    next.close();
    assertThat(firstEnd.get()).hasMessageContaining("taken over");
    assertThat(secondEnd.get()).isNull();
    assertThat(seen(cycle.look)).isEqualTo(cycle.end);
    assertThat(statementsRun()).containsExactly(named(cycle.query));
  }

  /** MariaDB ends a statement that waits for a lock when its client goes: it may be sent again. */
  @Test
  void alterThatWaitsForALock_whoseLinkIsCutTwice_takesEffectOnce() throws Exception {
    Job index = jobs().get(9);
    assertThat(index.query).contains("ADD INDEX");
    MysqlTargetSettings direct = prepared(index);
    AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
    try (BlackHole network = new BlackHole(server().port());
        Connection blocker = server().connect();
        var statement = blocker.createStatement()) {
      MysqlTargetSettings settings =
          direct.withEndpoint(
              new MysqlTargetSettings.Endpoint(
                  "127.0.0.1", network.port(), "root", "", MysqlTargetSettings.Tls.OFF));
      statement.execute("begin");
      statement.executeQuery("select * from d" + number + ".t" + number).close();
      try (MysqlSink sink = open(settings, DdlWatcher.NONE)) {
        Thread submit = submit(sink, item(index), end);
        Awaitility.await().until(() -> statementsRun().size() == 1);
        for (int cut = 0; cut < 2; cut++) {
          network.breakAll();
          Thread.sleep(1_000);
          assertThat(submit.isAlive()).isTrue();
        }
        statement.execute("commit");
        submit.join(Duration.ofSeconds(60).toMillis());
        assertThat(submit.isAlive()).isFalse();
        assertThat(end.get()).isNull();
      }
    }
    assertThat(seen(index.look)).isEqualTo(index.end);
  }

  /** Connections stay open on both sides, as behind a proxy, and the answer never comes. */
  @Test
  void alterWhoseAnswerIsSwallowed_isSeenDoneOnTheTarget_andRunsOnce() throws Exception {
    Job index = jobs().get(9);
    MysqlTargetSettings direct = prepared(index);
    AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
    try (BlackHole network = new BlackHole(server().port());
        Connection blocker = server().connect();
        var statement = blocker.createStatement()) {
      MysqlTargetSettings settings =
          direct.withEndpoint(
              new MysqlTargetSettings.Endpoint(
                  "127.0.0.1", network.port(), "root", "", MysqlTargetSettings.Tls.OFF));
      statement.execute("begin");
      statement.executeQuery("select * from d" + number + ".t" + number).close();
      try (MysqlSink sink = open(settings, DdlWatcher.NONE)) {
        Thread submit = submit(sink, item(index), end);
        Awaitility.await().until(() -> statementsRun().size() == 1);
        network.cut();
        network.heal();
        statement.execute("commit");
        submit.join(Duration.ofSeconds(60).toMillis());
        assertThat(submit.isAlive()).isFalse();
        assertThat(end.get()).isNull();
      }
    }
    assertThat(seen(index.look)).isEqualTo(index.end);
    assertThat(statementsRun()).containsExactly(named(index.query));
  }

  /** It is at work, not waiting for a lock, when the connection goes. */
  @Test
  void alterThatCopiesATable_whoseLinkIsCut_runsOnce() throws Exception {
    Job copy =
        new Job(
            "copy",
            List.of(
                "create table t$(id int, v int)",
                "insert into t$ select seq, seq from seq_1_to_400000"),
            "ALTER TABLE `t$` ADD INDEX (`v`), ALGORITHM=COPY",
            jobs().get(9).look,
            l("v,v"));
    MysqlTargetSettings direct = prepared(copy);
    AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
    try (BlackHole network = new BlackHole(server().port())) {
      MysqlTargetSettings settings =
          direct.withEndpoint(
              new MysqlTargetSettings.Endpoint(
                  "127.0.0.1", network.port(), "root", "", MysqlTargetSettings.Tls.OFF));
      try (MysqlSink sink = open(settings, DdlWatcher.NONE)) {
        Thread submit = submit(sink, item(copy), end);
        Awaitility.await()
            .until(
                () ->
                    !seen("select id from information_schema.processlist where info like 'ALTER%'")
                        .isEmpty());
        network.breakAll();
        submit.join(Duration.ofSeconds(60).toMillis());
        assertThat(submit.isAlive()).isFalse();
        assertThat(end.get()).isNull();
      }
    }
    assertThat(seen(copy.look)).isEqualTo(copy.end);
    assertThat(statementsRun()).containsExactly(named(copy.query));
  }

  private static Thread submit(
      MysqlSink sink, SinkItem item, AtomicReference<@Nullable Throwable> end) {
    Thread thread =
        new Thread(
            () -> {
              try {
                sink.submit(item);
              } catch (InterruptedException | RuntimeException e) {
                end.set(e);
              }
            },
            "test-submit");
    thread.start();
    return thread;
  }

  private static DdlWatcher at(Step step) {
    return (reached, statement) -> {
      if (reached == step) {
        throw new IllegalStateException("killed");
      }
    };
  }

  private void fail(Failure failure, MysqlTargetSettings settings) {
    switch (failure) {
      case DRAINER_KILLED -> throw new IllegalStateException("killed");
      case CONNECTION_LOST -> {
        String lock = "'" + settings.ledgerSchema() + "." + cluster + ".ddl'";
        server().execute("kill " + seen("select is_used_lock(" + lock + ")").get(0));
      }
      case SERVER_KILLED -> {
        server().kill9();
        server().restart();
      }
    }
  }

  private MysqlTargetSettings prepared(Job job) {
    String schema = "d" + number;
    server()
        .execute(
            "truncate table mysql.general_log",
            "create database " + schema,
            "create table " + schema + ".after(v int)");
    List<String> setup = new ArrayList<>(List.of("use " + schema));
    job.setup.forEach(sql -> setup.add(named(sql)));
    server().execute(setup.toArray(String[]::new));
    return TargetServer.of(server()).settings().withWorkers(1, 20);
  }

  private SinkItem.Ddl item(Job job) {
    boolean database = job.query.contains("DATABASE");
    String name = job.query.startsWith("ALTER") || job.query.startsWith("TRUNCATE") ? "t$" : "";
    return Upstream.ddl(
        100,
        named(database ? "x$" : "d$"),
        named(name),
        job.name.equals("create tables")
            ? org.tidbbinlog.codec.ddl.DdlAction.CREATE_TABLES
            : org.tidbbinlog.codec.ddl.DdlAction.NONE,
        named(job.query),
        null);
  }

  private MysqlSink open(MysqlTargetSettings settings, DdlWatcher watcher) {
    return MysqlSink.open(
        TargetConnector.probe(settings),
        cluster,
        ResumeFrom.initial(new Tso(1)),
        new Acks(),
        new SinkCounters(SinkCounters.Listener.NONE),
        Clock.system(),
        new Random(1),
        DdlAirlock.stopping(Clock.system()),
        watcher);
  }

  private String named(String text) {
    return text.replace("$", Long.toString(number));
  }

  /** In the test's database; the table {@code after} is the test's own. */
  private List<String> seen(String query) {
    try (Connection connection = server().connect();
        var statement = connection.createStatement()) {
      statement.execute("use d" + number);
      List<String> all = new ArrayList<>();
      try (var rows = statement.executeQuery(named(query))) {
        while (rows.next()) {
          String row = rows.getString(1);
          for (int i = 2; i <= rows.getMetaData().getColumnCount(); i++) {
            row += "," + rows.getString(i);
          }
          all.add(row);
        }
      }
      all.removeIf(row -> row.startsWith("after,"));
      all.sort(null);
      return all;
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** DDL is upper case here, all else is not. */
  private List<String> statementsRun() {
    List<String> run = new ArrayList<>();
    try (Connection connection = server().connect();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select argument from mysql.general_log where command_type='Query' and argument"
                    + " like binary '%"
                    + number
                    + "`%' order by event_time")) {
      while (rows.next()) {
        String sql = rows.getString(1);
        if (sql.matches("(CREATE|ALTER|DROP|RENAME|TRUNCATE) (?s:.*)")) {
          run.add(sql);
        }
      }
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
    return run;
  }
}
