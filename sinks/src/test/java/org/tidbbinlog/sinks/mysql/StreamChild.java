package org.tidbbinlog.sinks.mysql;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;

/**
 * A process that applies a {@link CountedStream} from its stored checkpoint on: port, schema,
 * cluster id, number of transactions. Prints {@code done}, or {@code failed:} and why.
 */
final class StreamChild {
  private static final int BETWEEN_SAVES = 20;

  private StreamChild() {}

  public static void main(String[] args) throws InterruptedException {
    String schema = args[1];
    long cluster = Long.parseLong(args[2]);
    MysqlTargetSettings settings =
        MysqlTargetSettings.of("127.0.0.1", Integer.parseInt(args[0]), "root", "")
            .withLedgerSchema("ledger_" + schema)
            .withWorkers(4, 5);
    try {
      run(settings, cluster, new CountedStream(schema), Integer.parseInt(args[3]));
      System.out.println("done");
      System.exit(0);
    } catch (RuntimeException e) {
      System.out.println("failed: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(
      MysqlTargetSettings settings, long cluster, CountedStream stream, int count)
      throws InterruptedException {
    try (MysqlCheckpointStore store = MysqlCheckpointStore.open(settings, cluster)) {
      Optional<Checkpoint> loaded = store.load();
      Tso from = loaded.map(Checkpoint::commitTs).orElse(new Tso(1));
      Acks acks = new Acks();
      ResumeFrom resume =
          loaded.isPresent() ? ResumeFrom.checkpoint(from) : ResumeFrom.initial(from);
      try (MysqlSink sink = TargetServer.open(settings, cluster, resume, acks)) {
        System.out.println("started at " + from);
        for (int n = stream.after(from); n < count; n++) {
          sink.submit(stream.transaction(n));
          Thread.sleep(1);
          if (n % BETWEEN_SAVES == 0) {
            save(store, acks.last());
          }
        }
        if (!sink.drain(Duration.ofMinutes(2))) {
          throw new IllegalStateException("not applied in time");
        }
        save(store, acks.last());
      }
    }
  }

  private static void save(MysqlCheckpointStore store, Tso commitTs) {
    try {
      if (!commitTs.isZero()) {
        store.save(new Checkpoint(false, commitTs, Map.of(), 1));
      }
    } catch (RetryableException cut) {
      // The next one is as good.
    }
  }
}
