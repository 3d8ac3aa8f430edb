package org.tidbbinlog.sinks.mysql;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.StreamBehind;
import org.tidbbinlog.drainer.airlock.StreamBehind.Reach;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TransactionRows;
import org.tidbbinlog.sinks.mysql.apply.PendingItem;
import org.tidbbinlog.sinks.mysql.ddl.DdlReach;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * What waits while something is held, in order and with it at the front, and what is told of that.
 * Under the gate's lock, but for {@link #behind} and {@link #isHolding}.
 */
final class WaitingItems {
  private static final int ROW_OVERHEAD_BYTES = 200;

  /**
   * An item that waits.
   *
   * @param tables those of a DDL, or those whose rows are still to be handed over
   */
  record Waiting(PendingItem pending, SinkItem item, DdlReach tables, long bytes) {
    static Waiting of(PendingItem pending, DdlReach tables) {
      SinkItem item = pending.item();
      long bytes =
          switch (item.kind()) {
            case TRANSACTION -> bytes(((SinkItem.Transaction) item).rows());
            case DDL, PROGRESS -> 0;
          };
      return new Waiting(pending, item, tables, bytes);
    }

    private static long bytes(TransactionRows rows) {
      return (long) ROW_OVERHEAD_BYTES * rows.count() + 3 * rows.sizeBytes();
    }

    Waiting with(Set<TableName> left) {
      return new Waiting(pending, item, DdlReach.tables(left), bytes);
    }
  }

  private Deque<Waiting> items = new ArrayDeque<>();
  private DdlReach blocked = DdlReach.NOTHING;
  private List<StreamBehind.WaitingDdl> ddls = List.of();
  private long bytes;
  private long passed;
  private volatile StreamBehind behind = StreamBehind.NOTHING;
  private volatile boolean holding;

  boolean isEmpty() {
    return items.isEmpty();
  }

  boolean isHolding() {
    return holding;
  }

  long bytes() {
    return bytes;
  }

  /** Tables whose rows wait. */
  DdlReach blocked() {
    return blocked;
  }

  Collection<Waiting> inOrder() {
    return items;
  }

  /**
   * @param tables those of a DDL, or those whose rows are still to be handed over
   */
  void add(PendingItem pending, DdlReach tables) {
    Waiting next = Waiting.of(pending, tables);
    items.add(next);
    bytes += next.bytes;
    blocked = blocked.and(next.tables);
    if (next.item.kind() == SinkItem.Kind.DDL) {
      ddls = ddlsBehindTheFirst(); // Rows are many, and change nothing in it.
    }
    holding = true;
  }

  /** Rows went by. */
  void passed() {
    passed++;
  }

  /** Rows of these items came back from the workers: they wait in their place. */
  void takeBack(List<PendingItem> back) {
    NavigableMap<Tso, Waiting> all = new TreeMap<>();
    items.forEach(each -> all.put(each.item.commitTs(), each));
    for (PendingItem pending : back) {
      SinkItem item = pending.item();
      Waiting known = all.get(item.commitTs());
      if (known == null) {
        pending.reopen();
        known = Waiting.of(pending, DdlReach.NOTHING);
      }
      DdlReach tables = known.tables.and(DdlReach.tables(pending.tookBack()));
      all.put(item.commitTs(), new Waiting(pending, item, tables, known.bytes));
    }
    replace(
        new ArrayDeque<>(all.values()),
        all.values().stream().map(Waiting::tables).reduce(DdlReach.NOTHING, DdlReach::and));
  }

  /** These still wait, which reach so far. */
  void replace(Deque<Waiting> still, DdlReach reach) {
    items = still;
    bytes = still.stream().mapToLong(Waiting::bytes).sum();
    blocked = reach;
    ddls = ddlsBehindTheFirst();
    holding = !still.isEmpty();
    passed = holding ? passed : 0;
  }

  private List<StreamBehind.WaitingDdl> ddlsBehindTheFirst() {
    return items.stream()
        .skip(1)
        .filter(each -> each.item.kind() == SinkItem.Kind.DDL)
        .map(each -> (SinkItem.Ddl) each.item)
        .map(ddl -> new StreamBehind.WaitingDdl(ddl.commitTs(), ddl.query()))
        .toList();
  }

  void tell(Reach reach) {
    if (items.isEmpty()) {
      behind = StreamBehind.NOTHING;
      return;
    }
    int transactions = items.size() - 1 - ddls.size();
    behind = new StreamBehind(passed, transactions, bytes, ddls, reach);
  }

  /** What was told last; for any thread. */
  StreamBehind behind() {
    return behind;
  }
}
