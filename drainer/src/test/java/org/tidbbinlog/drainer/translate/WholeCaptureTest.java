package org.tidbbinlog.drainer.translate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.CaptureSchemaSource;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.testkit.capture.Capture;

/** What real clusters wrote is translated as a whole. */
@Timeout(60)
class WholeCaptureTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"01-types", "02-keys", "03-ddl", "04-txn", "05-exchange", "08-rename-cycle"})
  void every_binlog_of_a_real_cluster_is_translated(String name) throws Exception {
    Capture capture = CaptureSchemaSource.capture(name);
    CaptureTranslation translation = translation(capture);

    List<SinkItem> items = translation.translateAll(capture);

    Tso last = Tso.ZERO;
    long version = 0;
    int rows = 0;
    for (SinkItem item : items) {
      assertThat(item.commitTs()).isGreaterThan(last);
      assertThat(item.schemaVersion()).isGreaterThanOrEqualTo(version);
      last = item.commitTs();
      version = item.schemaVersion();
      if (item instanceof SinkItem.Transaction transaction) {
        int count = 0;
        for (RowChange row : transaction.rows()) {
          assertThat(row.table().schema()).isNotEmpty();
          count++;
        }
        assertThat(count).isPositive().isEqualTo(transaction.rows().count());
        rows += count;
      }
    }
    assertThat(rows).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"01-types", "02-keys", "03-ddl", "04-txn"})
  void rows_decoded_while_applied_equal_rows_decoded_ahead(String name) throws Exception {
    Capture capture = CaptureSchemaSource.capture(name);
    CaptureSchemaSource source = new CaptureSchemaSource(capture);
    List<String> eager = rows(translation(capture).translateAll(capture));
    List<String> lazy =
        rows(
            new CaptureTranslation(
                    source,
                    FilterSettings.DEFAULT,
                    new TranslateSettings(Set.of(), SinkItem.Execution.EXECUTE, 0))
                .translateAll(capture));
    assertThat(lazy).containsExactlyElementsOf(eager);
  }

  @Test
  void exchanged_table_keeps_its_name_under_the_partitions_id() throws Exception {
    Capture capture = CaptureSchemaSource.capture("05-exchange");
    assertThat(tablesWrittenTo(translation(capture).translateAll(capture)))
        .endsWith("ddl5.ex/90", "ddl5.ex_p/88");
  }

  @Test
  void tables_renamed_in_a_cycle_are_written_under_their_new_names() throws Exception {
    Capture capture = CaptureSchemaSource.capture("08-rename-cycle");
    assertThat(tablesWrittenTo(translation(capture).translateAll(capture)))
        .endsWith("rc.r1/86", "rc.r2/88", "rc.r1/88", "rc.r2/86", "rc2.r1moved/88", "rc.r1/86");
  }

  @Test
  void statements_run_in_the_database_their_unqualified_names_mean() throws Exception {
    Capture rename = CaptureSchemaSource.capture("08-rename-cycle");
    assertThat(statements(translation(rename).translateAll(rename)))
        .endsWith(
            "rc: RENAME TABLE `r1` TO `r3`, `r2` TO `r1`, `r3` TO `r2`;",
            "rc2: CREATE DATABASE `rc2`;",
            "rc: RENAME TABLE `r1` TO `rc2`.`r1moved`, `r2` TO `r1`;");
    Capture exchange = CaptureSchemaSource.capture("05-exchange");
    assertThat(statements(translation(exchange).translateAll(exchange)))
        .endsWith("ddl5: ALTER TABLE `ex_p` EXCHANGE PARTITION `p1` WITH TABLE `ex`;");
  }

  private static CaptureTranslation translation(Capture capture) throws InterruptedException {
    return new CaptureTranslation(
        new CaptureSchemaSource(capture), FilterSettings.DEFAULT, TranslateSettings.DEFAULT);
  }

  private static List<String> tablesWrittenTo(List<SinkItem> items) {
    List<String> tables = new ArrayList<>();
    for (SinkItem item : items) {
      if (item instanceof SinkItem.Transaction transaction) {
        for (RowChange row : transaction.rows()) {
          String table =
              row.table().schema() + "." + row.table().table() + "/" + row.table().info().id();
          if (tables.isEmpty() || !tables.get(tables.size() - 1).equals(table)) {
            tables.add(table);
          }
        }
      }
    }
    return tables;
  }

  private static List<String> statements(List<SinkItem> items) {
    List<String> statements = new ArrayList<>();
    for (SinkItem item : items) {
      if (item instanceof SinkItem.Ddl ddl) {
        statements.add(ddl.schema() + ": " + ddl.query());
      }
    }
    return statements;
  }

  private static List<String> rows(List<SinkItem> items) {
    List<String> rows = new ArrayList<>();
    for (SinkItem item : items) {
      if (item instanceof SinkItem.Transaction transaction) {
        transaction.rows().forEach(row -> rows.add(RowText.of(row)));
      }
    }
    return rows;
  }
}
