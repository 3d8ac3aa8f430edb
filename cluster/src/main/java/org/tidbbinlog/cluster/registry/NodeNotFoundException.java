package org.tidbbinlog.cluster.registry;

import org.tidbbinlog.base.OperatorException;

/** No such key in the registry; the text is the original's. Source: registry section 3. */
public final class NodeNotFoundException extends OperatorException {
  private static final long serialVersionUID = 1L;

  public NodeNotFoundException(NodeKind kind, String nodeId) {
    super("key /tidb-binlog/v1/" + kind.folder() + "/" + nodeId + " in etcd not found");
  }
}
