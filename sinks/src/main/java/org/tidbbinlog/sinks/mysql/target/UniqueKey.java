package org.tidbbinlog.sinks.mysql.target;

import java.util.List;

/** A unique index of the target. */
public record UniqueKey(String name, List<Part> parts) {
  /** {@link Part#prefix()} of a part that covers the whole value. */
  public static final int WHOLE = -1;

  public UniqueKey {
    parts = List.copyOf(parts);
  }

  /**
   * @param column empty when the part is an expression
   * @param prefix characters (bytes for binary columns) that count, or {@link #WHOLE}
   */
  public record Part(String column, int prefix) {}

  public boolean isPrimary() {
    return name.equals("PRIMARY");
  }
}
