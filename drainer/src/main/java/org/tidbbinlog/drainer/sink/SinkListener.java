package org.tidbbinlog.drainer.sink;

/** Told by a sink how far it is; called on the sink's threads, one call at a time. */
public interface SinkListener {
  /**
   * Everything up to and including {@code item} is durable at the target. Its rows were given back:
   * they can be counted, not read.
   */
  void onAcknowledged(SinkItem item);

  /** The sink has stopped for good; an {@code OperatorException} says what to do. */
  void onFailure(Throwable cause);
}
