package org.tidbbinlog.cluster.etcd;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeListing;
import org.tidbbinlog.cluster.registry.NodeNotFoundException;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.wire.etcd.Compare;
import org.tidbbinlog.wire.etcd.PutRequest;
import org.tidbbinlog.wire.etcd.RequestOp;
import org.tidbbinlog.wire.etcd.TxnRequest;

/**
 * The registry in etcd, beside Go nodes: Range, then a Txn that creates the key or replaces what is
 * there, without a lease. Safe for use by many threads. Source: registry sections 1 to 6.
 */
public final class EtcdNodeRegistry implements NodeRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdNodeRegistry.class);

  private final EtcdClient etcd;
  private final Clock clock;
  private final Duration silenceLimit;
  private final Set<EtcdWatch> watches = ConcurrentHashMap.newKeySet();

  /** {@code silenceLimit}: a watch that heard nothing asks for a sign of life this often. */
  public EtcdNodeRegistry(EtcdClient etcd, Clock clock, Duration silenceLimit) {
    this.etcd = etcd;
    this.clock = clock;
    this.silenceLimit = silenceLimit;
  }

  @Override
  public NodeListing listing(NodeKind kind) {
    List<NodeStatus> nodes = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    for (EtcdKey key : etcd.list(RegistryPath.folder(kind)).keys()) {
      if (RegistryPath.nodeId(kind, key.keyText()).isPresent()) {
        read(kind, key).ifPresentOrElse(nodes::add, () -> unreadable.add(key.keyText()));
      }
    }
    nodes.sort(Comparator.comparing(NodeStatus::nodeId));
    Collections.sort(unreadable);
    return new NodeListing(nodes, unreadable);
  }

  @Override
  public Optional<NodeStatus> find(NodeKind kind, String nodeId) {
    return etcd.get(RegistryPath.key(kind, nodeId)).flatMap(key -> read(kind, key));
  }

  @Override
  public void put(NodeStatus node) {
    String key = RegistryPath.key(node.kind(), node.nodeId());
    ByteString value = ByteString.copyFrom(NodeJson.write(node));
    Attempts attempts = etcd.begin("registry update of " + key);
    while (true) {
      try {
        Compare.Builder compare = mod(key);
        if (etcd.get(key).isPresent()) {
          compare.setResult(Compare.CompareResult.GREATER);
        } else {
          compare.setResult(Compare.CompareResult.EQUAL);
        }
        if (putIf(compare, key, value, attempts)) {
          return;
        }
        EtcdClient.pause(attempts, new RetryableException(key + " came or went meanwhile"));
      } catch (RetryableException e) {
        EtcdClient.pause(attempts, e);
      }
    }
  }

  @Override
  public void updateState(NodeKind kind, String nodeId, NodeState state) {
    String key = RegistryPath.key(kind, nodeId);
    Attempts attempts = etcd.begin("registry update of " + key);
    while (true) {
      try {
        EtcdKey old =
            etcd.get(key).orElseThrow(() -> new NodeNotFoundException(kind, nodeId.trim()));
        Compare.Builder compare = mod(key).setModRevision(old.modRevision());
        if (putIf(compare, key, withState(old, state), attempts)) {
          return;
        }
        EtcdClient.pause(attempts, new RetryableException(key + " was written meanwhile"));
      } catch (RetryableException e) {
        EtcdClient.pause(attempts, e);
      }
    }
  }

  private static ByteString withState(EtcdKey old, NodeState state) {
    try {
      return ByteString.copyFrom(NodeJson.withState(old.value().toByteArray(), state));
    } catch (IOException e) {
      throw new OperatorException(
          "value of " + old.keyText() + " in etcd is not a node's JSON: " + e.getMessage(), e);
    }
  }

  private static Compare.Builder mod(String key) {
    return Compare.newBuilder()
        .setTarget(Compare.CompareTarget.MOD)
        .setModRevision(0)
        .setKey(ByteString.copyFromUtf8(key));
  }

  private boolean putIf(Compare.Builder compare, String key, ByteString value, Attempts attempts) {
    PutRequest put =
        PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setValue(value).build();
    TxnRequest txn =
        TxnRequest.newBuilder()
            .addCompare(compare)
            .addSuccess(RequestOp.newBuilder().setRequestPut(put))
            .build();
    return etcd.txnOnce(txn, attempts.left()).getSucceeded();
  }

  @Override
  public Watching watch(NodeKind kind, Consumer<List<NodeStatus>> onChange) {
    EtcdWatch watch =
        new EtcdWatch(
            etcd, RegistryPath.folder(kind), new Listing(kind, onChange), clock, silenceLimit);
    watches.add(watch);
    return () -> {
      watches.remove(watch);
      watch.close();
    };
  }

  @Override
  public void close() {
    watches.forEach(EtcdWatch::close);
    watches.clear();
  }

  private static Optional<NodeStatus> read(NodeKind kind, EtcdKey key) {
    Optional<String> id = RegistryPath.nodeId(kind, key.keyText());
    if (id.isEmpty()) {
      return Optional.empty();
    }
    try {
      return NodeJson.read(kind, id.get(), key.value().toByteArray());
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("key", key.keyText())
          .addKeyValue("error", e.getMessage())
          .log("registry value skipped");
      return Optional.empty();
    }
  }

  /** The current nodes of a kind, told whole after each change; lives on the watch's thread. */
  private static final class Listing implements EtcdWatch.Follower {
    private final NodeKind kind;
    private final Consumer<List<NodeStatus>> onChange;
    private final TreeMap<String, NodeStatus> nodes = new TreeMap<>();

    Listing(NodeKind kind, Consumer<List<NodeStatus>> onChange) {
      this.kind = kind;
      this.onChange = onChange;
    }

    @Override
    public void onListing(List<EtcdKey> keys) {
      nodes.clear();
      keys.forEach(this::onPut);
      onSettled();
    }

    @Override
    public void onPut(EtcdKey key) {
      read(kind, key)
          .ifPresentOrElse(
              node -> nodes.put(key.keyText(), node), () -> nodes.remove(key.keyText()));
    }

    @Override
    public void onDelete(EtcdKey key) {
      nodes.remove(key.keyText());
    }

    @Override
    public void onSettled() {
      List<NodeStatus> all = List.copyOf(nodes.values());
      try {
        onChange.accept(all);
      } catch (RuntimeException e) {
        LOG.atError()
            .setCause(e)
            .addKeyValue("kind", kind.folder())
            .log("registry listener failed");
      }
    }
  }
}
