package org.tidbbinlog.pump.storage;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What reading in the background found.
 *
 * @param lastStarted epoch for none
 * @param lastEnded of the last whole pass; epoch for none
 * @param records read in the last whole pass
 * @param bytes read since open
 * @param reading file being read now; empty between passes
 * @param damaged places found by the newest pass, and by the one before where the newest has not
 *     come yet
 * @param damages the first of them, with their places
 */
public record ScrubReport(
    Instant lastStarted,
    Instant lastEnded,
    long passes,
    long records,
    long bytes,
    String reading,
    long damaged,
    List<Damage> damages) {
  static final ScrubReport NONE =
      new ScrubReport(Instant.EPOCH, Instant.EPOCH, 0, 0, 0, "", 0, List.of());

  public ScrubReport {
    damages = List.copyOf(damages);
  }

  /** When the last whole pass ended. */
  public Optional<Instant> lastPass() {
    return passes == 0 ? Optional.empty() : Optional.of(lastEnded);
  }
}
