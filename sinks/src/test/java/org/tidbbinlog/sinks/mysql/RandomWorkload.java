package org.tidbbinlog.sinks.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tidbbinlog.drainer.sink.RowChange;

/** Tables of random key forms and transactions over them. */
final class RandomWorkload {
  private final Random random;
  private final String schema;
  private final List<RandomTable> tables = new ArrayList<>();

  RandomWorkload(Random random, String schema) {
    this.random = random;
    this.schema = schema;
    int count = 1 + random.nextInt(5);
    RandomTable.Keys[] kinds = RandomTable.Keys.values();
    for (int i = 0; i < count; i++) {
      RandomTable.Keys kind = kinds[random.nextInt(kinds.length)];
      tables.add(new RandomTable(kind, random, schema, "t" + i));
    }
  }

  String schema() {
    return schema;
  }

  List<RandomTable> tables() {
    return tables;
  }

  List<String> createTables() {
    return tables.stream().map(RandomTable::create).toList();
  }

  /** Row changes of one transaction, at least one. */
  List<RowChange> transaction() {
    List<RowChange> rows = new ArrayList<>();
    int wanted = random.nextInt(20) == 0 ? 60 : 1 + random.nextInt(6);
    while (rows.size() < wanted) {
      tables.get(random.nextInt(tables.size())).change(rows);
    }
    return rows;
  }
}
