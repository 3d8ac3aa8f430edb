package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.SchemaState;

/** Makes up DDL of range partitions. */
final class PartitionDdl {
  private final SchemaModel schema;

  PartitionDdl(SchemaModel schema) {
    this.schema = schema;
  }

  static String columnName(ModelTable table) {
    return table.info().columns().get(table.partitions().column()).name().original();
  }

  Planned add(ModelTable table) {
    Partitions old = table.partitions();
    long id = schema.nextId();
    Partitions.Part part = new Partitions.Part(id, "p" + id, old.end() + TableMaker.RANGE_WIDTH);
    List<Partitions.Part> parts = new ArrayList<>(old.parts());
    parts.add(part);
    return changed(
        DdlAction.ADD_TABLE_PARTITION,
        table,
        "ADD PARTITION (" + TableMaker.partitionWords(part) + ")",
        parts,
        SchemaState.PUBLIC);
  }

  /** The lowest range goes with its rows. */
  Planned drop(ModelTable table) {
    Partitions.Part first = table.partitions().parts().get(0);
    deleteRows(table, first.id());
    List<Partitions.Part> parts = new ArrayList<>(table.partitions().parts());
    parts.remove(first);
    return changed(
        DdlAction.DROP_TABLE_PARTITION,
        table,
        "DROP PARTITION " + Sql.name(first.name()),
        parts,
        SchemaState.NONE);
  }

  /** The highest range loses its rows and gets a new id. */
  Planned truncate(ModelTable table) {
    List<Partitions.Part> parts = new ArrayList<>(table.partitions().parts());
    Partitions.Part last = parts.remove(parts.size() - 1);
    deleteRows(table, last.id());
    parts.add(new Partitions.Part(schema.nextId(), last.name(), last.lessThan()));
    return changed(
        DdlAction.TRUNCATE_TABLE_PARTITION,
        table,
        "TRUNCATE PARTITION " + Sql.name(last.name()),
        parts,
        SchemaState.NONE);
  }

  private static void deleteRows(ModelTable table, long partitionId) {
    for (long number : table.rowNumbers()) {
      long id = table.partitions().physicalId(table.info().id(), table.row(number));
      if (id == partitionId) {
        table.delete(number);
      }
    }
  }

  private Planned changed(
      DdlAction action,
      ModelTable table,
      String words,
      List<Partitions.Part> parts,
      SchemaState end) {
    Partitions partitions =
        new Partitions(table.partitions().method(), table.partitions().column(), parts);
    table.change(
        TableEdit.partition(table.info(), partitions.toInfo(columnName(table))), partitions);
    schema.advance(2);
    String sql = "ALTER TABLE " + Sql.name(table.name()) + " " + words + ";";
    return new JobDraft(schema, action, sql)
            .of(table)
            .table(table.info())
            .endingAs(end)
            .write(SchemaModel.put(table))
        ::done;
  }
}
