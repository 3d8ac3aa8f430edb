package org.tidbbinlog.drainer.sink;

import java.nio.file.Path;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;

/**
 * Makes the target of one {@code db-type}. The Drainer does not know its sinks: the program that
 * starts it hands the factories in.
 *
 * @param <S> the settings it understands
 */
@FunctionalInterface
public interface SinkFactory<S> {
  /**
   * Connects to the target and checks it.
   *
   * @throws org.tidbbinlog.base.OperatorException when it cannot be used; nothing is changed there
   */
  Target connect(S settings, Surroundings surroundings) throws InterruptedException;

  /**
   * Upstream cannot be reached at the start: finishes at the target what a crash left half done,
   * where this machine keeps what is needed.
   *
   * @throws org.tidbbinlog.base.OperatorException when that fails
   */
  default void finishWithoutUpstream(S settings, Path dataDir, Clock clock)
      throws InterruptedException {}

  /**
   * What a sink may need besides its settings.
   *
   * @param clusterId PD cluster id of the upstream, unsigned: the key of the checkpoint row
   * @param upstreamNow what upstream's clock said at the start; {@link Tso#MAX} where it could not
   *     be asked
   * @param airlock where DDL that the target refuses is held
   * @param divergences where rows are told that are not as the binlog says
   */
  record Surroundings(
      long clusterId,
      Tso upstreamNow,
      Path dataDir,
      Clock clock,
      DdlAirlock airlock,
      Divergences divergences) {}
}
