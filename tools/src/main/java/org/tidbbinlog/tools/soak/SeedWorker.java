package org.tidbbinlog.tools.soak;

/** What one thread does with its seeds. */
@FunctionalInterface
public interface SeedWorker extends AutoCloseable {
  /**
   * @return whether another seed is worth while
   */
  boolean run(long seed) throws Exception;

  @Override
  default void close() {}

  /** Makes one for each thread, which also closes it. */
  interface Source {
    SeedWorker open() throws Exception;
  }
}
