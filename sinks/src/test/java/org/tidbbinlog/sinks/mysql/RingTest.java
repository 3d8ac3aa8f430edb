package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.translate.TranslateSettings;
import org.tidbbinlog.testkit.mariadb.MariaDb;

/**
 * Two sites that replicate to each other: what one Drainer writes comes back as the other's
 * upstream. The servers' own logs say which transactions there were.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RingTest {
  private static final Loopback CHANNEL = Loopback.channel(7);
  private static final String TABLE = "create table t(id bigint primary key, v bigint)";

  /** A site: its server, and its TiDB, whose binlogs the Drainer to the other site reads. */
  private static final class Site implements AutoCloseable {
    private final MariaDb database;
    private final TargetServer server;
    private final SmallTidb tidb;
    private final long cluster = TargetServer.unique();
    private Tso appliedHere = new Tso(1);
    private List<String> log = List.of();

    Site(Path folder) throws Exception {
      database = MariaDb.start(folder);
      server = TargetServer.of(database);
      tidb =
          new SmallTidb(
              FilterSettings.DEFAULT.withIgnoredSchema("tidb_binlog"),
              new TranslateSettings(
                  Set.of(),
                  SinkItem.Execution.EXECUTE,
                  TranslateSettings.DEFAULT.eagerBytes(),
                  CHANNEL));
      server.execute("set global log_output='TABLE'", "create database d", "use d", TABLE);
      tidb.database("d").table("d", "t", TABLE, "id", "v");
      tidb.database(Loopback.MARK_SCHEMA)
          .table(
              Loopback.MARK_SCHEMA,
              Loopback.MARK_TABLE,
              "create table m(id bigint)",
              "id",
              "channel_id",
              "val",
              "channel_info text");
      tidb.items();
    }

    /**
     * What a Drainer from the other site does here; answers its transactions, by the server's log.
     */
    List<List<String>> apply(Site from, SinkItem... items) throws Exception {
      MysqlTargetSettings settings =
          MysqlTargetSettings.of("127.0.0.1", database.port(), "root", "")
              .withWorkers(4, 5)
              .withLoopback(CHANNEL);
      server.execute("set global general_log=1");
      try (MysqlSink sink =
          TargetServer.open(settings, from.cluster, ResumeFrom.initial(appliedHere), new Acks())) {
        for (SinkItem item : items) {
          sink.submit(item);
          appliedHere = item.commitTs();
        }
        assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      }
      server.execute("set global general_log=0");
      log =
          server.rows(
              "select convert(argument using utf8mb4) from mysql.general_log where"
                  + " command_type='Query'");
      List<List<String>> transactions = transactions();
      server.execute("truncate table mysql.general_log");
      return transactions;
    }

    /** A statement of the last {@link #apply}, as it came to this site's server. */
    String sent(String text) {
      return log.stream().filter(sql -> sql.contains(text)).findFirst().orElseThrow();
    }

    private List<List<String>> transactions() {
      Map<String, List<String>> open = new HashMap<>();
      List<List<String>> ended = new ArrayList<>();
      for (String row :
          server.rows(
              "select lpad(seq, 9, '0'), thread_id, convert(argument using utf8mb4) from (select"
                  + " row_number() over () seq, l.* from mysql.general_log l) x where"
                  + " command_type='Query'")) {
        String[] parts = row.split(",", 3);
        for (String statement : parts[2].split(";", -1)) {
          note(statement.strip(), parts[1], open, ended);
        }
      }
      return ended;
    }

    /** A packet of several statements is logged as one. */
    private static void note(
        String statement,
        String connection,
        Map<String, List<String>> open,
        List<List<String>> ended) {
      switch (statement.toLowerCase(Locale.ROOT)) {
        case "begin" -> open.put(connection, new ArrayList<>());
        case "commit" -> {
          List<String> done = open.remove(connection);
          if (done != null) {
            ended.add(done);
          }
        }
        default -> {
          List<String> running = open.get(connection);
          if (running != null) {
            running.add(statement);
          }
        }
      }
    }

    @Override
    public void close() {
      database.close();
    }
  }

  @Test
  void whatOneDrainerWrites_theOtherDoesNotSendBack(@TempDir Path folder) throws Exception {
    try (Site a = new Site(folder.resolve("a"));
        Site b = new Site(folder.resolve("b"))) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
          write(a, round * 100 + i);
          write(b, 1000 + round * 100 + i);
        }
        SinkItem[] ofA = a.tidb.items();
        SinkItem[] ofB = b.tidb.items();
        assertThat(sentBack(b, b.apply(a, ofA), 20)).isEmpty();
        assertThat(sentBack(a, a.apply(b, ofB), 20)).isEmpty();
      }
      assertThat(b.server.rows("select * from d.t"))
          .hasSize(120)
          .isEqualTo(a.server.rows("select * from d.t"));
      assertThat(b.server.rows("select id, channel_id, channel_info from retl._drainer_repl_mark"))
          .containsExactly("0,7,", "1,7,", "2,7,", "3,7,");
      assertThat(b.server.rows("select max(val)>2 from retl._drainer_repl_mark"))
          .containsExactly("1");
    }
  }

  @Test
  void ddlInBothDirections_runsOnceAtEachSite(@TempDir Path folder) throws Exception {
    try (Site a = new Site(folder.resolve("a"));
        Site b = new Site(folder.resolve("b"))) {
      write(a, 1);
      b.apply(a, a.tidb.items());
      a.server.execute("truncate table d.t");
      a.tidb.truncate("d", "t", "truncate table t");
      b.apply(a, a.tidb.items());
      assertThat(b.server.rows("select * from d.t")).isEmpty();
      write(a, 2);
      b.tidb.truncate("d", "t", b.sent("truncate table t"));
      SinkItem[] back = b.tidb.items();
      assertThat(back).hasSize(1);
      a.apply(b, back);
      assertThat(a.server.rows("select * from d.t")).containsExactly("2,2");
    }
  }

  @Test
  void marksOfAnotherChannel_arePassedOnWhateverIsThere(@TempDir Path folder) throws Exception {
    try (Site a = new Site(folder.resolve("a"));
        Site b = new Site(folder.resolve("b"))) {
      for (int val = 4; val < 6; val++) {
        a.tidb
            .rows()
            .update(
                "retl",
                "_drainer_repl_mark",
                Arrays.asList(3, 1, val, "x"),
                Arrays.asList(3, 1, val + 1, "x"))
            .insert("d", "t", val, val)
            .commit();
      }
      b.apply(a, a.tidb.items());
      assertThat(b.server.rows("select id from d.t")).containsExactly("4", "5");
      assertThat(
              b.server.rows(
                  "select id, val, channel_info from retl._drainer_repl_mark where channel_id=1"))
          .containsExactly("3,6,x");
    }
  }

  /** A client's transaction. */
  private static void write(Site site, int id) throws Exception {
    site.server.execute("insert into d.t values(" + id + "," + id + ")");
    site.tidb.rows().insert("d", "t", id, id).commit();
  }

  /** What the site's TiDB makes of these transactions, and its Drainer would send to the other. */
  private static List<SinkItem> sentBack(Site site, List<List<String>> transactions, int rows)
      throws Exception {
    int marks = 0;
    int data = 0;
    for (List<String> statements : transactions) {
      SmallTidb.Rows upstream = site.tidb.rows();
      boolean any = false;
      for (String statement : statements) {
        if (statement.contains("`_drainer_repl_mark`")) {
          upstream.update(
              "retl",
              "_drainer_repl_mark",
              Arrays.asList(0, 7, marks, ""),
              Arrays.asList(0, 7, ++marks, ""));
          any = true;
        } else if (statement.contains("`t`")) {
          upstream.insert("d", "t", 5000 + ++data, 1);
          any = true;
        }
      }
      if (any) {
        upstream.commit();
      }
    }
    assertThat(data).as("transactions with rows").isBetween(rows / 5, rows);
    return Arrays.stream(site.tidb.items())
        .filter(item -> item.kind() != SinkItem.Kind.PROGRESS)
        .toList();
  }
}
