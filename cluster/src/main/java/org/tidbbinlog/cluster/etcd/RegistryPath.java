package org.tidbbinlog.cluster.etcd;

import java.util.Optional;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.cluster.registry.NodeKind;

/** Keys of the registry: {@code /tidb-binlog/v1/<pumps|drainers>/<nodeID>}. */
final class RegistryPath {
  static final String ROOT = "/tidb-binlog/v1";

  private RegistryPath() {}

  /** What all nodes of a kind begin with. */
  static String folder(NodeKind kind) {
    return ROOT + "/" + kind.folder() + "/";
  }

  static String key(NodeKind kind, String nodeId) {
    String trimmed = nodeId.trim();
    if (trimmed.isEmpty() || trimmed.indexOf('/') >= 0 || trimmed.startsWith(".")) {
      throw new OperatorException(
          kind.label() + " node id '" + nodeId + "' must be a name without '/'");
    }
    return folder(kind) + trimmed;
  }

  /** The node id of a key, empty for deeper keys and the folder itself. */
  static Optional<String> nodeId(NodeKind kind, String key) {
    String folder = folder(kind);
    if (!key.startsWith(folder)) {
      return Optional.empty();
    }
    String id = key.substring(folder.length());
    return id.isEmpty() || id.indexOf('/') >= 0 ? Optional.empty() : Optional.of(id);
  }
}
