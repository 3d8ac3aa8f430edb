package org.tidbbinlog.drainer.sink;

/**
 * When an item passed each stage, in monotonic nanoseconds of the Drainer's clock; 0 while it has
 * not. Each stage writes its own slot once and hands the item on, so readers downstream see it.
 */
public final class StageTimes {
  /** Stages in order of the pipeline. */
  public enum Stage {
    RECEIVED,
    MERGED,
    TRANSLATED,
    SUBMITTED,
    APPLIED,
    ACKNOWLEDGED
  }

  private static final int STAGES = Stage.values().length;

  private final long[] nanos = new long[STAGES];

  public void mark(Stage stage, long nanoTime) {
    nanos[stage.ordinal()] = nanoTime;
  }

  public long at(Stage stage) {
    return nanos[stage.ordinal()];
  }
}
