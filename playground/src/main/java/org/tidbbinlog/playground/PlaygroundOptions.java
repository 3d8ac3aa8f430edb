package org.tidbbinlog.playground;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What to show.
 *
 * @param rate transactions a second of the generator
 * @param capture play this capture instead of the generator
 * @param dir data and logs
 * @param portBase first port, 0 = free ones
 * @param transactions how many a bounded run generates
 */
record PlaygroundOptions(
    int pumps,
    int rate,
    Run run,
    AtEnd atEnd,
    Optional<Path> capture,
    Path dir,
    int portBase,
    long transactions,
    long seed) {
  /** How long it goes on. */
  enum Run {
    UNTIL_STOPPED,
    ONCE
  }

  /** What becomes of the processes when a bounded run is over. */
  enum AtEnd {
    STOP,
    KEEP
  }
}
