package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ddl.RefusedDdlException;

/**
 * A DDL that has no place at the target under the rules, or whose job nobody understands, is held
 * as one that the target refuses: its tables wait, others go on, people choose.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class UnplacedDdlTest {
  @TempDir Path folder = Path.of("");
  private final String from = "f" + TargetServer.unique();
  private final String to = "t" + TargetServer.unique();
  private final TargetServer server = TargetKind.MARIADB.server();
  private final SmallTidb tidb = tidb();
  private AirlockStage stage;

  /** Two tables share one at the target, a third stands alone. */
  private SmallTidb tidb() {
    MigrateRule rule = new MigrateRule(from, "s_?", List.of(), new TableName(to, "s"));
    try {
      return new SmallTidb(
          new FilterSettings(
              List.of(),
              List.of(),
              List.of("mysql"),
              List.of(),
              List.of(rule),
              Map.of(),
              NameCase.IGNORED));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void makeTables() throws Exception {
    stage = new AirlockStage(server, server.settings(), folder);
    server.execute("create database " + to);
    tidb.database(from)
        .table(from, "s_1", "create table s_1(id bigint primary key)", "id")
        .table(from, "s_2", "create table s_2(id bigint primary key)", "id")
        .table(from, "o", "create table o(id bigint primary key)", "id");
    tidb.rows().insert(from, "s_1", 1).insert(from, "s_2", 2).insert(from, "o", 3).commit();
  }

  @AfterEach
  void close() {
    stage.close();
    server.execute("drop database if exists " + from, "drop database if exists " + to);
  }

  @Test
  void ddlWithoutARoute_isHeld_othersGoOn_andItsReplacementRunsInItsPlace() throws Exception {
    SinkItem[] items = truncateAndMore();
    stage.start(OnDdlError.HOLD).submit(items);
    stage.awaitRows("select id from " + from + ".o", "13", "3");
    HeldDdl held = stage.awaitHeld();
    assertThat(held.reason()).isEqualTo(HeldDdl.Reason.NO_ROUTE);
    assertThat(held.error()).contains("rows of " + from + ".s_2 are in the same table");
    assertThat(held.query()).isEqualTo("truncate table s_1");
    assertThat(held.jobId()).isPositive();
    assertThat(held.tables()).containsExactly(to + ".s");
    assertThat(held.waysOut()).anyMatch(way -> way.startsWith("replace"));
    assertThat(server.rows("select id from " + to + ".s")).containsExactly("1", "2");
    assertThat(stage.acknowledged()).isLessThan(held.commitTs());
    stage.choose(Action.RETRY, "");
    assertThat(stage.awaitHeld().reason()).isEqualTo(HeldDdl.Reason.NO_ROUTE);

    stage.start(OnDdlError.HOLD).submit(items);
    assertThat(stage.awaitHeld().commitTs()).isEqualTo(held.commitTs());
    stage.choose(Action.REPLACE, "DELETE FROM s WHERE id=1");
    stage.awaitAllApplied();
    assertThat(server.rows("select id from " + to + ".s")).containsExactly("11", "12", "2");
    assertThat(server.rows("select id from " + from + ".o")).containsExactly("13", "3");
  }

  private SinkItem[] truncateAndMore() throws Exception {
    tidb.truncate(from, "s_1", "truncate table s_1");
    tidb.rows().insert(from, "s_1", 11).insert(from, "o", 13).insert(from, "s_2", 12).commit();
    return tidb.items();
  }

  @Test
  void ddlWithoutARoute_stopsTheSink_whereThatIsAskedFor() throws Exception {
    SinkItem[] items = truncateAndMore();
    stage.start(OnDdlError.STOP);
    assertThatThrownBy(() -> stage.submit(items))
        .isInstanceOf(RefusedDdlException.class)
        .hasMessageContaining("is held by table-migrate-rule")
        .hasMessageContaining("truncate table s_1")
        .hasMessageContaining("ignore-txn-commit-ts = [");
  }

  @Test
  void jobOfAnUnknownAction_isHeldWithTheTableItNames_othersGoOn() throws Exception {
    tidb.unheardOf(from, "o", "FROBNICATE o");
    tidb.rows().insert(from, "o", 13).insert(from, "s_1", 11).commit();
    stage.start(OnDdlError.HOLD).submit(tidb.items());
    stage.awaitRows("select id from " + to + ".s", "1", "11", "2");
    HeldDdl held = stage.awaitHeld();
    assertThat(held.reason()).isEqualTo(HeldDdl.Reason.UNKNOWN_ACTION);
    assertThat(held.error()).contains("job " + held.jobId() + " has the unknown action -1");
    assertThat(held.statementText()).isEqualTo("FROBNICATE o");
    assertThat(held.tables()).containsExactly(from + ".o");
    assertThat(server.rows("select id from " + from + ".o")).containsExactly("3");
    stage.choose(Action.SKIP, "");
    stage.awaitAllApplied();
    assertThat(server.rows("select id from " + from + ".o")).containsExactly("13", "3");
  }

  @Test
  void jobOfAnUnknownAction_aboutNothingItNames_keepsEverythingWaiting() throws Exception {
    tidb.unheardOf("FROBNICATE ALL");
    tidb.rows().insert(from, "o", 13).insert(from, "s_1", 11).commit();
    stage.start(OnDdlError.HOLD).submit(tidb.items());
    assertThat(stage.awaitHeld().tables()).containsExactly("*");
    assertThat(stage.behind().waitingTransactions()).isEqualTo(1);
    assertThat(server.rows("select id from " + from + ".o")).containsExactly("3");
    stage.choose(Action.REPLACE, "ALTER TABLE " + from + ".o COMMENT 'frobnicated'");
    stage.awaitAllApplied();
    assertThat(server.rows("select id from " + from + ".o")).containsExactly("13", "3");
  }

  @Test
  void jobOfAnUnknownAction_stopsTheSink_whereThatIsAskedFor() throws Exception {
    tidb.unheardOf(from, "o", "FROBNICATE o");
    stage.start(OnDdlError.STOP);
    SinkItem[] items = tidb.items();
    assertThatThrownBy(() -> stage.submit(items))
        .isInstanceOf(RefusedDdlException.class)
        .hasMessageContaining("unknown action -1")
        .hasMessageContaining("FROBNICATE o")
        .hasMessageContaining("ignore-txn-commit-ts = [")
        .hasMessageContaining("unknown-ddl-action");
  }
}
