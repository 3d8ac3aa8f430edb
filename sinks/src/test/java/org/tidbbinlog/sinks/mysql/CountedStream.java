package org.tidbbinlog.sinks.mysql;

import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;

/**
 * Transactions that show when one of them is applied twice or not at all: each adds a row to a
 * table without a key, moves a counter that has a key, and one that has none. The n-th is always
 * the same.
 */
final class CountedStream {
  private static final int COUNTERS = 5;
  private static final long FIRST_TS = 100;

  private final String schema;
  private final TableVersion rows;
  private final TableVersion counters;
  private final TableVersion bare;

  CountedStream(String schema) {
    this.schema = schema;
    this.rows = table(schema, "t", "v");
    this.counters = table(schema, "c", "id", "n");
    this.bare = table(schema, "k", "n");
  }

  /** Makes the tables. */
  List<String> setUp() {
    List<String> statements = new ArrayList<>();
    statements.add("create database " + schema);
    statements.add("create table " + schema + ".t(v int)");
    statements.add("create table " + schema + ".c(id int primary key, n int)");
    statements.add("create table " + schema + ".k(n int)");
    for (int i = 0; i < COUNTERS; i++) {
      statements.add("insert into " + schema + ".c values(" + i + ",0)");
    }
    statements.add("insert into " + schema + ".k values(0)");
    return statements;
  }

  SinkItem.Transaction transaction(int n) {
    int counter = n % COUNTERS;
    int turn = n / COUNTERS;
    return Upstream.transaction(
        FIRST_TS + n,
        insert(rows, n),
        update(counters, List.of(counter, turn), List.of(counter, turn + 1)),
        update(bare, List.of(n), List.of(n + 1)));
  }

  /** The first transaction behind a commit timestamp. */
  int after(Tso commitTs) {
    return (int) Math.max(0, commitTs.value() - FIRST_TS + 1);
  }

  /** What the first {@code count} transactions come to, as {@link #look} reads it. */
  List<String> truth(int count) {
    return List.of(
        "%d,%d,%d,%d".formatted(count, count, (long) count * (count - 1) / 2, count), count + "");
  }

  /** Rows, different rows, their sum and all turns of the counters; then the bare counter. */
  List<String> look(TargetServer server) {
    List<String> found = new ArrayList<>();
    found.addAll(
        server.rows(
            "select count(*), count(distinct v), ifnull(sum(v),0), (select sum(n) from %1$s.c) from %1$s.t"
                .formatted(schema)));
    found.addAll(server.rows("select n from " + schema + ".k"));
    return found;
  }
}
