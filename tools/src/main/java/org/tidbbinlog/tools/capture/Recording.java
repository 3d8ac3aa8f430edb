package org.tidbbinlog.tools.capture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.testkit.capture.CaptureWriter;
import org.tidbbinlog.testkit.capture.MetaPair;

/**
 * Merges the streams of all Pumps by commit timestamp up to a timestamp, without heartbeats and
 * repetitions, then adds the meta keys as they are after it. One thread.
 */
final class Recording {
  private static final byte[] META_PREFIX = {'m'};
  private static final int PAGE_KEYS = 256;

  private final ClusterConnection cluster;
  private final CaptureWriter writer;

  Recording(ClusterConnection cluster, CaptureWriter writer) {
    this.cluster = cluster;
    this.writer = writer;
  }

  /** Records transactions with {@code after < commit ts <= until}. */
  void binlogs(List<String> pumps, Tso after, Tso until) {
    List<PumpTail> tails = new ArrayList<>();
    try {
      for (String pump : pumps) {
        tails.add(new PumpTail(pump, cluster.tls(), cluster.clusterId(), after));
      }
      merge(tails, until);
    } finally {
      tails.forEach(PumpTail::close);
    }
  }

  private void merge(List<PumpTail> tails, Tso until) {
    Tso last = Tso.ZERO;
    while (true) {
      PumpTail first =
          tails.stream()
              .min(Comparator.comparing((PumpTail tail) -> tail.header().commitTs()))
              .orElseThrow();
      Tso commitTs = first.header().commitTs();
      if (commitTs.isAfter(until)) {
        return;
      }
      boolean heartbeat = first.header().startTs().equals(commitTs);
      if (!heartbeat && commitTs.isAfter(last)) {
        writer.append(first.message());
        last = commitTs;
      }
      first.advance();
    }
  }

  /** Records all meta keys and the DDL history among them. */
  void meta(Tso at) throws InterruptedException {
    List<MetaPair> pairs = new ArrayList<>();
    List<byte[]> jobs = new ArrayList<>();
    byte[] history = MetaKey.jobHistory().encode();
    for (Map.Entry<byte[], byte[]> pair : cluster.tikv().scanPrefix(META_PREFIX, at, PAGE_KEYS)) {
      pairs.add(new MetaPair(pair.getKey(), pair.getValue()));
      if (startsWith(pair.getKey(), history)) {
        jobs.add(pair.getValue());
      }
    }
    writer.writeMeta(pairs);
    writer.writeHistory(jobs);
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }
}
