package org.tidbbinlog.drainer.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * {@code RENAME TABLE a TO c, b TO a, …}: its steps run one after the other, so names may cycle.
 * The job lists the tables after each step; the databases they went to come from its arguments, or,
 * in the history of servers that clear those, from the statement. Source: ddl-meta section 5.
 */
final class MultiRename {
  private final SchemaSnapshot before;
  private final DdlJob job;
  private final List<RenameStatement.Pair> pairs;

  private MultiRename(SchemaSnapshot before, DdlJob job) {
    this.before = before;
    this.job = job;
    this.pairs = RenameStatement.parse(job.query()).pairs();
  }

  static SchemaSnapshot apply(SchemaSnapshot before, DdlJob job) {
    return new MultiRename(before, job).run();
  }

  private SchemaSnapshot run() {
    SchemaSnapshot now = before;
    for (int step = 0; step < steps(); step++) {
      OptionalLong id = tableId(now, step);
      if (id.isPresent()) {
        now = now.withTable(newDatabase(now, step), job.schemaVersion(), after(now, id, step));
      }
    }
    TableInfo last = job.tableInfo();
    return steps() > 0 || last == null
        ? now
        : now.withTable(job.schemaId(), job.schemaVersion(), last);
  }

  private int steps() {
    return job.multipleTables().isEmpty() ? pairs.size() : job.multipleTables().size();
  }

  private OptionalLong tableId(SchemaSnapshot now, int step) {
    if (!job.multipleTables().isEmpty()) {
      return OptionalLong.of(job.multipleTables().get(step).id());
    }
    RenameStatement.Name from = pairs.get(step).from();
    long database = database(now, from);
    String name = CiName.of(from.table()).lower();
    return now.tablesIn(database).stream()
        .filter(table -> table.info().name().lower().equals(name))
        .mapToLong(table -> table.info().id())
        .findFirst();
  }

  private TableInfo after(SchemaSnapshot now, OptionalLong id, int step) {
    if (!job.multipleTables().isEmpty()) {
      return job.multipleTables().get(step);
    }
    CiName name = CiName.of(pairs.get(step).to().table());
    return now.table(id.getAsLong()).orElseThrow().info().withIdentity(id.getAsLong(), name);
  }

  private long newDatabase(SchemaSnapshot now, int step) {
    JsonNode newIds = job.rawArgs().path(1);
    if (newIds.isArray() && newIds.size() > step) {
      return newIds.get(step).asLong();
    }
    return step < pairs.size() ? database(now, pairs.get(step).to()) : oldDatabase(now, step);
  }

  private long oldDatabase(SchemaSnapshot now, int step) {
    return tableId(now, step).stream()
        .mapToObj(now::table)
        .flatMap(Optional::stream)
        .mapToLong(TrackedTable::databaseId)
        .findFirst()
        .orElse(job.schemaId());
  }

  private long database(SchemaSnapshot now, RenameStatement.Name name) {
    return name.isQualified()
        ? now.databaseNamed(name.schema()).orElse(job.schemaId())
        : sessionDatabase();
  }

  /** What an unqualified name means: where the first table with an unqualified old name was. */
  private long sessionDatabase() {
    List<TableInfo> tables = new ArrayList<>(job.multipleTables());
    for (int step = 0; step < Math.min(pairs.size(), tables.size()); step++) {
      if (!pairs.get(step).from().isQualified()) {
        return before
            .table(tables.get(step).id())
            .map(TrackedTable::databaseId)
            .orElse(job.schemaId());
      }
    }
    return job.schemaId();
  }
}
