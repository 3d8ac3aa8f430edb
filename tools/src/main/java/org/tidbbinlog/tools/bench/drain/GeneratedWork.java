package org.tidbbinlog.tools.bench.drain;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;

/** The transactions of each {@link Profile}; the same at every run. */
final class GeneratedWork {
  private static final int HUNDRED = 100;

  private GeneratedWork() {}

  private static int times(double scale, int usual) {
    return (int) Math.max(1, Math.round(scale * usual));
  }

  /** 40,000 inserts, 1,000 of a hundred rows, 40,000 updates and 10,000 deletes, mixed. */
  static void mixed(GeneratedCapture capture, double scale) {
    capture.createDatabase();
    List<GeneratedTable> tables = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tables.add(capture.createTable("sb" + i, GeneratedTable.Shape.USUAL));
    }
    Random random = new Random(1);
    List<Long> living = new ArrayList<>();
    long next = 1;
    for (int i = 0; i < times(scale, 91_000); i++) {
      PrewriteValueBuilder rows = capture.rows();
      int kind = random.nextInt(91);
      long key;
      if (kind < 41 || living.isEmpty()) {
        key = next;
        for (int n = kind == 40 ? HUNDRED : 1; n > 0; n--) {
          living.add(next);
          table(tables, next).insert(next++, random.nextLong(), rows);
        }
      } else if (kind < 81) {
        key = living.get(random.nextInt(living.size()));
        table(tables, key).update(key, random.nextLong(), rows);
      } else {
        int at = random.nextInt(living.size());
        key = living.get(at);
        living.set(at, living.get(living.size() - 1));
        living.remove(living.size() - 1);
        table(tables, key).delete(key, rows);
      }
      capture.commit(rows, table(tables, key).key(key));
    }
  }

  private static GeneratedTable table(List<GeneratedTable> tables, long id) {
    return tables.get((int) (id % tables.size()));
  }

  /** 20,000 updates of 10 rows. */
  static void hotRow(GeneratedCapture capture, double scale) {
    capture.createDatabase();
    GeneratedTable table = capture.createTable("hot", GeneratedTable.Shape.USUAL);
    Random random = new Random(2);
    PrewriteValueBuilder all = capture.rows();
    for (long id = 1; id <= 10; id++) {
      table.insert(id, random.nextLong(), all);
    }
    capture.commit(all, table.key(1));
    for (int i = 0; i < times(scale, 20_000); i++) {
      PrewriteValueBuilder rows = capture.rows();
      long id = 1L + random.nextInt(10);
      table.update(id, random.nextLong(), rows);
      capture.commit(rows, table.key(id));
    }
  }

  /** A million inserts at once. */
  static void bigTransaction(GeneratedCapture capture, double scale) {
    capture.createDatabase();
    GeneratedTable table = capture.createTable("big", GeneratedTable.Shape.SMALL);
    PrewriteValueBuilder rows = capture.rows();
    for (long id = 1; id <= times(scale, 1_000_000); id++) {
      table.insert(id, id, rows);
    }
    capture.commit(rows, table.key(1));
  }

  /** 200 tables of 200 columns: 100 transactions each that insert a row and update one. */
  static void wide(GeneratedCapture capture, double scale) {
    capture.createDatabase();
    List<GeneratedTable> tables = new ArrayList<>();
    for (int i = 0; i < times(scale, 200); i++) {
      tables.add(capture.createTable("w" + i, new GeneratedTable.Shape(40, 196)));
    }
    Random random = new Random(3);
    for (long id = 1; id <= HUNDRED; id++) {
      for (GeneratedTable table : tables) {
        PrewriteValueBuilder rows = capture.rows();
        if (id > 1) {
          table.update(1 + random.nextInt((int) id - 1), random.nextLong(), rows);
        }
        table.insert(id, random.nextLong(), rows);
        capture.commit(rows, table.key(id));
      }
    }
  }

  /** 40,000 tables and 100,000 jobs of long ago, then 1,000 inserts into ten new tables. */
  static void manyTables(GeneratedCapture capture, double scale) {
    capture.createDatabase();
    List<GeneratedTable> old = new ArrayList<>();
    int tables = times(scale, 40_000);
    for (int i = 0; i < tables; i++) {
      old.add(capture.pastTable("t" + i, GeneratedTable.Shape.SMALL));
    }
    for (int i = tables; i < times(scale, 100_000); i++) {
      capture.pastChange(old.get(i % tables));
    }
    Random random = new Random(4);
    for (int i = 0; i < 10; i++) {
      GeneratedTable table = capture.createTable("n" + i, GeneratedTable.Shape.USUAL);
      for (long id = 1; id <= HUNDRED; id++) {
        PrewriteValueBuilder rows = capture.rows();
        table.insert(id, random.nextLong(), rows);
        capture.commit(rows, table.key(id));
      }
    }
  }
}
