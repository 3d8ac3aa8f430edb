package org.tidbbinlog.drainer.filter;

import org.tidbbinlog.base.OperatorException;

/**
 * Replication in both directions, or in a ring: every transaction at the target carries a mark, a
 * row of a table that the original knows too, and what comes with the mark of this channel is not
 * sent on. A DDL carries it as a comment, which only we look for. Source: drainer section 13.
 *
 * @param channelId Drainers that must not send on what the others of them sent share it
 */
public record Loopback(Control control, long channelId) {
  /** No marks are written or looked for. */
  public static final Loopback OFF = new Loopback(Control.OFF, 0);

  public static final String MARK_SCHEMA = "retl";
  public static final String MARK_TABLE = "_drainer_repl_mark";
  public static final String CHANNEL_COLUMN = "channel_id";

  /** {@code loopback-control}. */
  public enum Control {
    OFF,
    ON
  }

  public Loopback {
    if (channelId < 0) {
      throw new OperatorException("channel-id is " + channelId + ", must be 0 or more");
    }
  }

  public static Loopback channel(long channelId) {
    return new Loopback(Control.ON, channelId);
  }

  public boolean isOn() {
    return control == Control.ON;
  }

  /** Whether rows of this table are marks, of whatever channel. */
  public boolean isMarkTable(String schema, String table) {
    return isOn() && schema.equalsIgnoreCase(MARK_SCHEMA) && table.equalsIgnoreCase(MARK_TABLE);
  }

  /** A statement with the mark; as it is when there are no marks. */
  public String marked(String ddl) {
    return isOn() ? comment() + " " + ddl : ddl;
  }

  /** Whether a statement carries the mark of this channel. */
  public boolean isMarked(String ddl) {
    return isOn() && ddl.contains(comment());
  }

  private String comment() {
    return "/* tidb-binlog channel " + channelId + " */";
  }
}
