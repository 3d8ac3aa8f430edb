package org.tidbbinlog.node.process;

/** Why a node stops; it decides which state the node leaves in the registry. */
public enum StopReason {
  /** HUP, INT or TERM. */
  SIGNAL,
  /** Asked to pause over HTTP. */
  PAUSE,
  /** Asked to go offline over HTTP. */
  CLOSE,
  /** The node cannot go on; the cause is in the log. */
  FAILURE
}
