package org.tidbbinlog.drainer.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.schema.RenameStatement;
import org.tidbbinlog.drainer.schema.SchemaSnapshot;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.TrackedTable;

/**
 * What a DDL is about, for the filters and for the target.
 *
 * @param runsIn database that unqualified names of the statement mean
 * @param subjects tables (or the database itself, with table "") it is about; a renamed table by
 *     its new name
 * @param steps the subject of each step of a RENAME TABLE of several, else empty
 */
record DdlNames(String runsIn, List<Subject> subjects, List<Subject> steps) {
  /** A table or, with table "", a database. */
  record Subject(String schema, String table) {}

  private DdlNames(String runsIn, List<Subject> subjects) {
    this(runsIn, subjects, List.of());
  }

  /** The part of a RENAME TABLE that is about kept tables; empty for any other statement. */
  Optional<String> renameOf(String query, Predicate<Subject> isKept) {
    List<RenameStatement.Pair> pairs = RenameStatement.parse(query).pairs();
    if (steps.isEmpty() || pairs.size() != steps.size()) {
      return Optional.empty();
    }
    List<RenameStatement.Pair> kept = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      if (isKept.test(steps.get(i))) {
        kept.add(pairs.get(i));
      }
    }
    return Optional.of(new RenameStatement(kept).text());
  }

  static DdlNames of(DdlJob job, String query, SchemaTracker.Step step) {
    return new Finder(job, query, step).find();
  }

  private record Finder(DdlJob job, String query, SchemaTracker.Step step) {
    DdlNames find() {
      return switch (job.action()) {
        case CREATE_SCHEMA,
            DROP_SCHEMA,
            MODIFY_SCHEMA_CHARSET,
            MODIFY_SCHEMA_DEFAULT_PLACEMENT,
            RECOVER_SCHEMA ->
            new DdlNames(jobDatabase(), List.of(new Subject(jobDatabase(), "")));
        case RENAME_TABLE -> renamed(List.of(job.tableId()));
        case RENAME_TABLES -> renamed(job.multipleTables().stream().map(TableInfo::id).toList());
        case EXCHANGE_TABLE_PARTITION -> exchanged();
        case CREATE_TABLES ->
            new DdlNames(
                jobDatabase(),
                job.multipleTables().stream()
                    .map(table -> new Subject(jobDatabase(), table.name().original()))
                    .toList());
        default -> new DdlNames(jobDatabase(), List.of(new Subject(jobDatabase(), tableName())));
      };
    }

    /** Each renamed table is now where the snapshot says; names that cycled are said once. */
    private DdlNames renamed(List<Long> ids) {
      List<Subject> steps = new ArrayList<>();
      for (long id : ids) {
        step.after().table(id).map(table -> subject(step.after(), table)).ifPresent(steps::add);
      }
      List<Subject> subjects =
          steps.isEmpty()
              ? List.of(new Subject(jobDatabase(), tableName()))
              : steps.stream().distinct().toList();
      return new DdlNames(renameRunsIn(ids), subjects, steps);
    }

    /**
     * The database of the first unqualified name: of the table before when it is the old name, else
     * of the table afterwards. When all are qualified it does not matter.
     */
    private String renameRunsIn(List<Long> ids) {
      List<RenameStatement.Pair> pairs = RenameStatement.parse(query).pairs();
      for (int i = 0; i < Math.min(pairs.size(), ids.size()); i++) {
        Optional<TrackedTable> old = step.before().table(ids.get(i));
        if (!pairs.get(i).from().isQualified() && old.isPresent()) {
          return step.before().databaseNameOf(old.get());
        }
        Optional<TrackedTable> now = step.after().table(ids.get(i));
        if (!pairs.get(i).to().isQualified() && now.isPresent() && isLastStepOf(ids, i)) {
          return step.after().databaseNameOf(now.get());
        }
      }
      return jobDatabase();
    }

    private static boolean isLastStepOf(List<Long> ids, int step) {
      return ids.lastIndexOf(ids.get(step)) == step;
    }

    /** About the partitioned table; the job's own database is the plain table's. */
    private DdlNames exchanged() {
      TableInfo partitioned = job.tableInfo();
      if (partitioned == null) {
        return new DdlNames(jobDatabase(), List.of(new Subject(jobDatabase(), job.tableName())));
      }
      Subject subject =
          step.after()
              .table(partitioned.id())
              .map(table -> subject(step.after(), table))
              .orElseGet(() -> new Subject(jobDatabase(), partitioned.name().original()));
      boolean partitionedIsUnqualified =
          RenameStatement.parse(query).pairs().stream()
              .anyMatch(pair -> !pair.from().isQualified());
      return new DdlNames(
          partitionedIsUnqualified ? subject.schema() : jobDatabase(), List.of(subject));
    }

    private static Subject subject(SchemaSnapshot schema, TrackedTable table) {
      return new Subject(schema.databaseNameOf(table), table.info().name().original());
    }

    private String jobDatabase() {
      DbInfo own = job.dbInfo();
      if (own != null) {
        return own.name().original();
      }
      return step.after()
          .database(job.schemaId())
          .or(() -> step.before().database(job.schemaId()))
          .map(info -> info.name().original())
          .orElse(job.schemaName());
    }

    private String tableName() {
      TableInfo info = job.tableInfo();
      if (info != null) {
        return info.name().original();
      }
      return job.tableName().isEmpty() ? trackedName() : job.tableName();
    }

    /** A job of an unknown kind may tell no more than the table's id. */
    private String trackedName() {
      return step.before()
          .table(job.tableId())
          .or(() -> step.after().table(job.tableId()))
          .map(table -> table.info().name().original())
          .orElse("");
    }
  }
}
