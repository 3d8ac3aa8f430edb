package org.tidbbinlog.tools.bench.drain;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogHeader;
import org.tidbbinlog.codec.mutation.PrewriteValue;
import org.tidbbinlog.codec.mutation.TableMutation;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.pumpclient.PumpClient;
import org.tidbbinlog.pumpclient.PumpClientSettings;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.CaptureReader;
import org.tidbbinlog.testkit.capture.MetaPair;

/**
 * What a Pump was given before any Drainer starts.
 *
 * @param from a Drainer that starts after this timestamp gets all of it
 * @param transactions of rows
 * @param rows changed by them
 * @param bytes of all binlogs
 */
record Load(Tso from, long transactions, long rows, long ddl, long bytes) {
  private static final int CHUNK = 2048;
  private static final long CHUNK_BYTES = 16L << 20;
  private static final long TEN_SECONDS_MS = 10_000;

  private record Recorded(Binlog prewrite, Tso commitTs, int sizeBytes) {
    static Recorded of(byte[] matched) {
      Binlog binlog = Binlog.decode(ByteBuffer.wrap(matched));
      return new Recorded(binlog.withoutCommit(), binlog.commitTs(), matched.length);
    }

    long rows() {
      long rows = 0;
      if (!prewrite.isDdl()) {
        for (TableMutation table : PrewriteValue.over(prewrite.prewriteValue().buffer())) {
          rows += table.rowCount();
        }
      }
      return rows;
    }
  }

  /**
   * Sets the clock of PD and the meta space of TiKV to just before a capture. A Pump must not start
   * earlier: it would take the capture's time for over.
   *
   * @return a Drainer that starts after this timestamp gets all of it
   */
  static Tso prepare(Capture capture, ClusterDouble cluster) {
    Tso first = firstStartTs(capture);
    Tso from = Tso.of(first.physicalMs() - TEN_SECONDS_MS, 0);
    cluster.pd().holdTso(from, first);
    for (MetaPair pair : capture.meta()) {
      cluster.tikv().putMeta(pair.key(), pair.value(), from);
    }
    // The last schema is all that is known: what was before is gone, so the history is replayed.
    cluster.tikv().knowOnlyFrom(new Tso(from.value() + 1));
    return from;
  }

  /**
   * Writes a capture, and the end mark after it, to the Pumps of a cluster, as fast as they take
   * it: within a chunk first all Prewrites, then all Commits.
   */
  static Load write(Capture capture, Tso from, ClusterDouble cluster) throws InterruptedException {
    long[] counts = new long[4];
    Tso last = Tso.ZERO;
    try (ClusterConnection connection =
            ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system());
        PumpClient pumps = PumpClient.open(connection, PumpClientSettings.defaults());
        CaptureReader reader = capture.binlogs()) {
      Optional<Recorded> ahead = next(reader);
      while (ahead.isPresent()) {
        List<Recorded> chunk = new ArrayList<>();
        long chunkBytes = 0;
        while (ahead.isPresent() && chunk.size() < CHUNK && chunkBytes < CHUNK_BYTES) {
          chunk.add(ahead.get());
          chunkBytes += ahead.get().sizeBytes;
          ahead = next(reader);
        }
        last = chunk.get(chunk.size() - 1).commitTs;
        write(
            chunk,
            pumps,
            cluster,
            ahead.map(Recorded::commitTs).orElse(EndMark.commitTsAfter(last)));
        count(chunk, counts);
      }
      EndMark mark = EndMark.after(capture.meta(), last);
      mark.meta()
          .forEach(pair -> cluster.tikv().putMeta(pair.key(), pair.value(), mark.commitTs()));
      write(List.of(new Recorded(mark.prewrite(), mark.commitTs(), 0)), pumps, cluster, Tso.MAX);
    }
    cluster.pd().releaseTso();
    return new Load(from, counts[0], counts[1], counts[2], counts[3]);
  }

  private static Optional<Recorded> next(CaptureReader reader) {
    return reader.hasNext() ? Optional.of(Recorded.of(reader.next())) : Optional.empty();
  }

  private static Tso firstStartTs(Capture capture) {
    Tso first = Tso.MAX;
    try (CaptureReader reader = capture.binlogs()) {
      for (int i = 0; i < CHUNK && reader.hasNext(); i++) {
        first = first.min(BinlogHeader.peek(ByteBuffer.wrap(reader.next())).startTs());
      }
    }
    if (first.equals(Tso.MAX)) {
      throw new OperatorException(capture.folder() + " holds no binlog");
    }
    return first;
  }

  private static void write(
      List<Recorded> chunk, PumpClient pumps, ClusterDouble cluster, Tso nextCommitTs)
      throws InterruptedException {
    List<CompletableFuture<Void>> written = new ArrayList<>();
    for (Recorded one : chunk) {
      written.add(pumps.writeAsync(one.prewrite));
    }
    await(written);
    cluster.pd().holdTso(chunk.get(chunk.size() - 1).commitTs, nextCommitTs);
    for (Recorded one : chunk) {
      cluster
          .tikv()
          .commitTransaction(
              one.prewrite.startTs(), one.commitTs, one.prewrite.prewriteKey().toBytes());
      written.add(pumps.writeAsync(Binlog.commitOf(one.prewrite, one.commitTs)));
    }
    await(written);
  }

  private static void await(List<CompletableFuture<Void>> written) {
    written.forEach(CompletableFuture::join);
    written.clear();
  }

  private static void count(List<Recorded> chunk, long[] counts) {
    for (Recorded one : chunk) {
      counts[0] += one.prewrite.isDdl() ? 0 : 1;
      counts[1] += one.rows();
      counts[2] += one.prewrite.isDdl() ? 1 : 0;
      counts[3] += one.sizeBytes;
    }
  }
}
