package org.tidbbinlog.sinks.mysql;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.testkit.process.ChildJvm;

/**
 * A process that applies a {@link CountedStream} from its stored checkpoint on: port, schema,
 * cluster id, number of transactions. Prints {@code done}, or {@code failed:} and why.
 */
final class StreamChild {
  private static final int BETWEEN_SAVES = 20;

  private StreamChild() {}

  /**
   * Its output is kept in the directory.
   *
   * @param count of the transactions it applies
   */
  static ChildJvm start(OwnNames names, int port, int count, Path directory) {
    return ChildJvm.of(StreamChild.class.getName(), directory.resolve(names.db() + ".log"))
        .jvm("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        .args(
            Integer.toString(port),
            names.db(),
            Long.toString(names.cluster()),
            Integer.toString(count))
        .start();
  }

  public static void main(String[] args) throws InterruptedException {
    OwnNames names = new OwnNames(args[1], Long.parseLong(args[2]));
    try {
      run(names, Integer.parseInt(args[0]), Integer.parseInt(args[3]));
      System.out.println("done");
      System.exit(0);
    } catch (RuntimeException e) {
      System.out.println("failed: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(OwnNames names, int port, int count) throws InterruptedException {
    MysqlTargetSettings settings = names.settings(port).withWorkers(4, 5);
    CountedStream stream = new CountedStream(names.db());
    try (MysqlCheckpointStore store = MysqlCheckpointStore.open(settings, names.cluster())) {
      Optional<Checkpoint> loaded = store.load();
      Tso from = loaded.map(Checkpoint::commitTs).orElse(new Tso(1));
      Acks acks = new Acks();
      ResumeFrom resume =
          loaded.isPresent() ? ResumeFrom.checkpoint(from) : ResumeFrom.initial(from);
      try (MysqlSink sink = TargetServer.open(settings, names.cluster(), resume, acks)) {
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
