package org.tidbbinlog.tools.differ;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.schema.JobLookup;
import org.tidbbinlog.drainer.schema.SchemaStart;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.schema.UnknownTables;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.translate.TranslateSettings;
import org.tidbbinlog.drainer.translate.Translation;
import org.tidbbinlog.drainer.translate.Translator;

/**
 * What led to a difference, as short as can be: rows that have nothing to do with one another are
 * left out as long as the case still fails. Rows belong together when they share a row or a unique
 * key at any time.
 */
final class Story {
  private static final int MOST_LINES = 60;
  private static final int MOST_RUNS = 80;
  private static final int SHOWN_CHARS = 60;

  private final CasePlan plan;
  private final History history;
  private final Judge judge;
  private int runs;

  /** Runs a case and says what is wrong. */
  interface Judge {
    List<String> differences(CasePlan plan, History history)
        throws SQLException, InterruptedException;
  }

  Story(CasePlan plan, History history, Judge judge) {
    this.plan = plan;
    this.history = history;
    this.judge = judge;
  }

  List<String> tell() throws SQLException, InterruptedException {
    if (!fails(history)) {
      return List.of("it does not fail each time: what follows is the whole case", first(history));
    }
    History shortest = shrink();
    List<String> lines = new ArrayList<>();
    lines.add(
        "shortest history that fails, of %d rows in %d, after %d runs:"
            .formatted(shortest.rowCount(), history.rowCount(), runs));
    lines.addAll(lines(shortest));
    lines.add("then:");
    judge.differences(plan, shortest).stream().limit(4).forEach(line -> lines.add("  " + line));
    return lines;
  }

  private static String first(History history) {
    return history.entries().size() + " binlogs";
  }

  private boolean fails(History candidate) throws SQLException, InterruptedException {
    runs++;
    return !judge.differences(plan, candidate).isEmpty();
  }

  /** Leaves out ever smaller parts of what belongs together, as long as the rest fails. */
  private History shrink() throws SQLException, InterruptedException {
    List<Integer> kept = new ArrayList<>(history.families());
    int parts = 2;
    while (kept.size() > 1 && runs < MOST_RUNS) {
      int size = Math.max(1, kept.size() / parts);
      boolean shorter = false;
      for (int from = 0; from < kept.size() && runs < MOST_RUNS; ) {
        List<Integer> rest = new ArrayList<>(kept.subList(0, from));
        rest.addAll(kept.subList(Math.min(kept.size(), from + size), kept.size()));
        if (!rest.isEmpty() && fails(history.only(rest))) {
          kept = rest;
          shorter = true;
        } else {
          from += size;
        }
      }
      if (size == 1 && !shorter) {
        break;
      }
      parts = Math.min(kept.size(), parts * 2);
    }
    return history.only(kept);
  }

  private List<String> lines(History told) throws InterruptedException {
    List<String> lines = new ArrayList<>();
    Translator translator =
        new Translator(
            new Translator.Parts(
                new SchemaStart(told, UnknownActions.STOP)
                    .at(Tso.ZERO, 0, Tso.MAX, SchemaStart.Way.SNAPSHOT_ELSE_HISTORY),
                new JobLookup(told, () -> Tso.MAX, org.tidbbinlog.base.Clock.system()),
                new UnknownTables(told, () -> Tso.MAX, org.tidbbinlog.base.Clock.system()),
                new BinlogFilter(FilterSettings.DEFAULT)),
            TranslateSettings.DEFAULT,
            org.tidbbinlog.base.Clock.system());
    for (History.Entry entry : told.entries()) {
      Binlog binlog = entry.binlog();
      Optional<SinkItem> item =
          translator.translate(CaseRun.pulled(binlog)).map(Translation::finish);
      if (item.isEmpty() || item.get().kind() == SinkItem.Kind.PROGRESS) {
        continue;
      }
      if (item.get() instanceof SinkItem.Ddl ddl) {
        if (told.isAbout(ddl.job())) {
          lines.add(binlog.commitTs() + " " + text(ddl.job()));
        }
      } else if (item.get() instanceof SinkItem.Transaction transaction) {
        Iterator<RowChange> rows = transaction.rows().iterator();
        while (rows.hasNext()) {
          lines.add(binlog.commitTs() + " " + text(rows.next()));
        }
      }
    }
    return lines.size() <= MOST_LINES
        ? lines
        : List.copyOf(lines.subList(lines.size() - MOST_LINES, lines.size()));
  }

  private static String text(DdlJob job) {
    return job.schemaName() + ": " + job.query();
  }

  private static String text(RowChange row) {
    String name = row.table().schema() + "." + row.table().table() + " ";
    return switch (row.kind()) {
      case INSERT -> "insert " + name + text(((RowChange.Insert) row).after());
      case DELETE -> "delete " + name + text(((RowChange.Delete) row).before());
      case UPDATE -> {
        RowChange.Update update = (RowChange.Update) row;
        yield "update " + name + text(update.before()) + " to " + text(update.after());
      }
    };
  }

  private static String text(RowImage image) {
    StringBuilder out = new StringBuilder("(");
    for (int i = 0; i < image.values().size(); i++) {
      ColumnValue value = image.values().get(i);
      String text = value.kind() == ColumnValue.Kind.NULL ? "NULL" : ValueText.of(value);
      out.append(i == 0 ? "" : ", ").append(image.columns().get(i).name().original()).append('=');
      out.append(text.length() > SHOWN_CHARS ? text.substring(0, SHOWN_CHARS) + "…" : text);
    }
    return out.append(')').toString();
  }
}
