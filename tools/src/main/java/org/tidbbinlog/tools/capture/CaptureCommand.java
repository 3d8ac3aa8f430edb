package org.tidbbinlog.tools.capture;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.net.TlsSettings;
import org.tidbbinlog.testkit.capture.CaptureWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code capture}. */
@Command(
    name = "capture",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Records what live Pumps hold, and TiKV's meta keys, into a folder that `replay` plays."
            + " Nothing in the cluster is changed.",
    footer = {
      "",
      "Examples:",
      "  tidb-binlog capture --pump 10.0.0.1:8250,10.0.0.2:8250 \\",
      "      --pd-urls http://10.0.0.9:2379 --out my-capture",
      "  tidb-binlog capture --pump 127.0.0.1:8250 --pd-urls http://127.0.0.1:2379 \\",
      "      --out an-hour --seconds 3600"
    })
public final class CaptureCommand implements Callable<Integer> {
  @Option(
      names = "--pump",
      split = ",",
      required = true,
      paramLabel = "HOST:PORT",
      description = "every Pump of the cluster, separated by commas")
  private List<String> pumps = new ArrayList<>();

  @Option(
      names = "--pd-urls",
      split = ",",
      required = true,
      paramLabel = "URL",
      description = "PD's client addresses, separated by commas")
  private List<String> pdUrls = new ArrayList<>();

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to write")
  private Path out = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "TS",
      description = "record after this commit timestamp (default 0: all that the Pumps hold)")
  private long from;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "record what happens in the next N seconds too (default 0)")
  private long seconds;

  @Option(names = "--ssl-ca", paramLabel = "FILE", description = "PEM file of the authority")
  private String ca = "";

  @Option(names = "--ssl-cert", paramLabel = "FILE", description = "PEM file of our certificate")
  private String certificate = "";

  @Option(names = "--ssl-key", paramLabel = "FILE", description = "PEM file of our private key")
  private String key = "";

  @Override
  public Integer call() throws InterruptedException {
    Clock clock = Clock.system();
    Tls tls = Tls.of(new TlsSettings(ca, certificate, key, List.of()));
    try (ClusterConnection cluster = ClusterConnection.open(pdUrls, tls, clock);
        CaptureWriter writer = CaptureWriter.create(out, cluster.clusterId())) {
      clock.sleep(Duration.ofSeconds(seconds));
      Tso until = cluster.timeSource().next();
      Recording recording = new Recording(cluster, writer);
      recording.binlogs(pumps, new Tso(from), until);
      recording.meta(cluster.timeSource().next());
      System.out.printf(
          "capture: OK out=%s binlogs=%d bytes=%d until=%s%n",
          out, writer.count(), writer.sizeBytes(), until);
    }
    return 0;
  }
}
