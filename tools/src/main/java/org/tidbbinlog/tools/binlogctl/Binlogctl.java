package org.tidbbinlog.tools.binlogctl;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.ClusterLimits;
import org.tidbbinlog.cluster.pd.PdLimits;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.node.config.Addresses;
import org.tidbbinlog.node.config.CommandExit;
import org.tidbbinlog.node.config.PasswordCipher;
import org.tidbbinlog.node.config.Values;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.node.net.Tls;

/**
 * The command {@code binlogctl}. Writes the newest original's lines to standard output. Exit codes:
 * 0 done, 1 failed or refused by the node, 2 wrong flags. Source: binlogctl.
 */
public final class Binlogctl {
  private static final Logger LOG = LoggerFactory.getLogger(Binlogctl.class);

  /** A person waits: no hundred seconds for a PD that is not there. */
  private static final Duration SEARCH_LIMIT = Duration.ofSeconds(10);

  private final CtlOptions options;
  private final Values values;
  private final List<String> pdUrls;
  private final Tls tls;

  private Binlogctl(CtlOptions options, Values values, List<String> pdUrls, Tls tls) {
    this.options = options;
    this.values = values;
    this.pdUrls = pdUrls;
    this.tls = tls;
  }

  public static int run(String[] arguments) {
    Logging.configure("info");
    Logging.quiet("org.tidbbinlog.cluster");
    CtlOptions options = new CtlOptions();
    Binlogctl tool;
    try {
      Values values = options.parse(List.of(arguments));
      tool =
          new Binlogctl(
              options,
              values,
              Addresses.requirePdUrlsOrHostPorts(values.get(options.pdUrls)),
              Tls.of(options.tls(values)));
    } catch (CommandExit e) {
      return e.print();
    } catch (OperatorException e) {
      LOG.atError().addKeyValue("error", e.getMessage()).log("parse cmd flags");
      return CtlOptions.BAD_FLAGS;
    }
    return tool.guarded();
  }

  private int guarded() {
    String command = values.get(options.command);
    LoggingEventBuilder failure =
        LOG.atError().addMarker(Logging.FATAL).addKeyValue("command", command);
    try {
      execute(command);
      return 0;
    } catch (OperatorException | RetryableException e) {
      failure.addKeyValue("error", e.getMessage()).log("fail to execute command");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failure.setCause(e).log("fail to execute command");
    }
    return 1;
  }

  private void execute(String command) throws InterruptedException {
    switch (command) {
      case "generate_meta" -> generateMeta();
      case "pumps" -> list(NodeKind.PUMP);
      case "drainers" -> list(NodeKind.DRAINER);
      case "update-pump" -> update(NodeKind.PUMP);
      case "update-drainer" -> update(NodeKind.DRAINER);
      case "pause-pump" -> act(NodeKind.PUMP, "pause");
      case "pause-drainer" -> act(NodeKind.DRAINER, "pause");
      case "offline-pump" -> act(NodeKind.PUMP, "close");
      case "offline-drainer" -> act(NodeKind.DRAINER, "close");
      case "encrypt" -> encrypt();
      default -> throw new OperatorException("cmd " + command + " not supported");
    }
  }

  private void generateMeta() throws InterruptedException {
    String folder = values.get(options.dataDir);
    LOG.atInfo().addKeyValue("pd-address", pdUrls).log("[pd] create pd client with endpoints");
    try (ClusterConnection cluster = connect()) {
      LOG.atInfo()
          .addKeyValue("cluster-id", Long.toUnsignedString(cluster.clusterId()))
          .log("[pd] init cluster id");
      new Savepoint(Path.of(folder.isEmpty() ? options.dataDir.fallback() : folder))
          .generate(cluster.timeSource(), values.get(options.timeZone));
    }
  }

  private void list(NodeKind kind) throws InterruptedException {
    NodeList.Scope scope =
        values.get(options.showOffline) ? NodeList.Scope.ALL : NodeList.Scope.WITHOUT_OFFLINE;
    try (ClusterConnection cluster = connect()) {
      NodeList.print(cluster.registry(), kind, scope);
    }
  }

  private void update(NodeKind kind) throws InterruptedException {
    String nodeId = requireNodeId();
    try (ClusterConnection cluster = connect()) {
      NodeList.updateState(cluster.registry(), kind, nodeId, values.get(options.state));
    }
  }

  private void act(NodeKind kind, String action) throws InterruptedException {
    String nodeId = requireNodeId();
    try (ClusterConnection cluster = connect()) {
      new NodeAction(tls).apply(NodeList.require(cluster.registry(), kind, nodeId), action);
    }
  }

  private void encrypt() {
    String text = values.get(options.plainText);
    if (text.isEmpty()) {
      throw new OperatorException("need to specify the text to be encrypt: use -text");
    }
    PasswordCipher cipher = PasswordCipher.of(System.getenv());
    String encrypted =
        switch (values.get(options.cipher)) {
          case "cfb" -> cipher.encrypt(text, new SecureRandom());
          case "gcm" -> cipher.seal(text, new SecureRandom());
          default ->
              throw new OperatorException(
                  "cipher " + values.get(options.cipher) + " not supported: use cfb or gcm");
        };
    LOG.atInfo().addKeyValue("encrypted", encrypted).log("encrypt text");
  }

  private String requireNodeId() {
    String nodeId = values.get(options.nodeId).trim();
    if (nodeId.isEmpty()) {
      throw new OperatorException(
          values.get(options.command) + " needs -node-id: see -cmd pumps and -cmd drainers");
    }
    return nodeId;
  }

  private ClusterConnection connect() throws InterruptedException {
    PdLimits normal = PdLimits.defaults();
    PdLimits limits =
        new PdLimits(
            SEARCH_LIMIT,
            normal.request(),
            normal.memberRequest(),
            normal.timestamp(),
            normal.refreshPeriod());
    return ClusterConnection.open(
        pdUrls, tls, Clock.system(), ClusterLimits.defaults().withPd(limits));
  }
}
