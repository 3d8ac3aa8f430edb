package org.tidbbinlog.pump.storage;

/** Told once what became of an append. Runs on the writer's thread and must not block. */
public interface AppendCallback {
  /** On disk (I2), and forced when {@code sync-log} is on. */
  void durable();

  /** Not acknowledged. The record may or may not be found after a restart. */
  void failed(RuntimeException cause);
}
