package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.codec.Payload;
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
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.drainer.translate.TranslateSettings;
import org.tidbbinlog.drainer.translate.Translation;
import org.tidbbinlog.drainer.translate.Translator;
import org.tidbbinlog.testkit.workload.TruthTable;
import org.tidbbinlog.testkit.workload.Workload;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.testkit.workload.WorkloadStep;

/** A made-up load, DDL between rows, from its binlogs through translation into a real target. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class WorkloadTest {
  private static final int STEPS = 400;

  private final TargetServer server = TargetKind.MARIADB.server();
  private final Map<Long, DdlJob> jobs = new HashMap<>();
  private final Acks acks = new Acks();
  private long clock = Tso.of(1_700_000_000_000L, 0).value();

  private Tso tick() {
    clock += 5;
    return new Tso(clock);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 13, 15})
  void madeUpLoad_throughTranslation_reachesItsTruth(long seed) throws Exception {
    Workload workload = new Workload(seed, WorkloadSpec.usual().withDdlPercent(15));
    List<Binlog> binlogs = new ArrayList<>();
    while (binlogs.size() < STEPS || !workload.isSettled()) {
      WorkloadStep step = workload.next(this::tick);
      if (step instanceof WorkloadStep.Ddl ddl && ddl.job().isFinished()) {
        jobs.put(ddl.job().id(), ddl.job());
      }
      if (step instanceof WorkloadStep.Transaction transaction
          && !transaction.outcome().isCommitted()) {
        continue;
      }
      Binlog prewrite = step.prewrite();
      binlogs.add(prewrite.withCommit(Binlog.commitOf(prewrite, tick())));
    }
    List<String> names = workload.truth().stream().map(TruthTable::schema).distinct().toList();
    try {
      apply(binlogs);
      assertThat(differences(workload.truth())).as("seed %d", seed).isEmpty();
    } finally {
      names.forEach(name -> server.execute("drop database if exists " + name));
    }
  }

  private void apply(List<Binlog> binlogs) throws Exception {
    SchemaSource source = new History();
    Translator translator =
        new Translator(
            new Translator.Parts(
                new SchemaStart(source, UnknownActions.STOP)
                    .at(Tso.ZERO, 0, Tso.MAX, SchemaStart.Way.SNAPSHOT_ELSE_HISTORY),
                new JobLookup(source, () -> Tso.MAX, Clock.system()),
                new UnknownTables(source, () -> Tso.MAX, Clock.system()),
                new BinlogFilter(FilterSettings.DEFAULT)),
            TranslateSettings.DEFAULT,
            Clock.system());
    try (MysqlSink sink =
        TargetServer.open(
            server.settings(), TargetServer.unique(), ResumeFrom.initial(new Tso(1)), acks)) {
      for (Binlog binlog : binlogs) {
        Payload payload = Payload.of(binlog.encode());
        Optional<SinkItem> item =
            translator
                .translate(
                    new PulledBinlog(
                        "p", binlog.startTs(), binlog.commitTs(), payload, new StageTimes()))
                .map(Translation::finish);
        if (item.isPresent()) {
          sink.submit(item.get());
        }
      }
      assertThat(sink.drain(Duration.ofMinutes(2))).as("%s", acks.failure.get()).isTrue();
    }
  }

  /** Rows that only the target has, and rows that only the truth has. */
  private List<String> differences(List<TruthTable> truth) throws SQLException {
    List<String> differences = new ArrayList<>();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET sql_mode='', time_zone='+00:00'");
      statement.execute("create database if not exists wl_truth");
      for (TruthTable table : truth) {
        String target = name(table.schema()) + "." + name(table.table());
        String columns =
            table.columns().stream()
                .map(column -> name(column.name().original()))
                .collect(Collectors.joining(","));
        statement.execute(
            "create or replace table wl_truth.truth as select "
                + columns
                + " from "
                + target
                + " limit 0");
        insert(connection, table, columns);
        String both = "select %1$s from %2$s except all select %1$s from %3$s limit 3";
        for (String text :
            List.of(
                both.formatted(columns, target, "wl_truth.truth"),
                both.formatted(columns, "wl_truth.truth", target))) {
          server.rows(text).forEach(row -> differences.add(text + ": " + row));
        }
      }
    }
    return differences;
  }

  private static void insert(Connection connection, TruthTable table, String columns)
      throws SQLException {
    String marks = table.columns().stream().map(column -> "?").collect(Collectors.joining(","));
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into wl_truth.truth (" + columns + ") values (" + marks + ")")) {
      for (List<ColumnValue> row : table.rows()) {
        for (int i = 0; i < row.size(); i++) {
          bind(insert, i + 1, row.get(i));
        }
        insert.addBatch();
      }
      if (!table.rows().isEmpty()) {
        insert.executeBatch();
      }
    }
  }

  private static void bind(PreparedStatement insert, int index, ColumnValue value)
      throws SQLException {
    switch (value.kind()) {
      case NULL -> insert.setObject(index, null);
      // A year 0 in quotes would be 2000.
      case SIGNED -> insert.setLong(index, ((ColumnValue.Signed) value).value());
      case BINARY -> insert.setBytes(index, ((ColumnValue.Binary) value).bytes());
      case BIT -> insert.setBytes(index, ValueText.bytes((ColumnValue.Bits) value));
      case ENUM -> insert.setLong(index, ((ColumnValue.EnumMember) value).number());
      case SET -> insert.setLong(index, ((ColumnValue.SetMembers) value).bits());
      case TEXT ->
          insert.setString(
              index, new String(((ColumnValue.Text) value).utf8(), StandardCharsets.UTF_8));
      default -> insert.setString(index, ValueText.of(value));
    }
  }

  private static String name(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** A cluster whose history is known and whose tables all come by DDL. */
  private final class History implements SchemaSource {
    @Override
    public SchemaDump snapshotAt(Tso ts) {
      return new SchemaDump(ts, 0, List.of());
    }

    @Override
    public Iterator<DdlJob> historyAt(Tso ts) {
      return jobs.values().iterator();
    }

    @Override
    public Optional<DdlJob> job(long jobId, Tso ts) {
      return Optional.ofNullable(jobs.get(jobId));
    }
  }
}
