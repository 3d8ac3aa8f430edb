package org.tidbbinlog.cluster.registry;

/** The two kinds of registered nodes; the name of a kind is its folder in the registry. */
public enum NodeKind {
  PUMP("pumps", "pump"),
  DRAINER("drainers", "drainer");

  private final String folder;
  private final String label;

  NodeKind(String folder, String label) {
    this.folder = folder;
    this.label = label;
  }

  public String folder() {
    return folder;
  }

  public String label() {
    return label;
  }
}
