package org.tidbbinlog.pump.storage;

import java.util.List;
import org.tidbbinlog.base.Tso;

/**
 * What one file of the value log holds, and what is wrong with it.
 *
 * @param fileBytes size of the file
 * @param records that can be read; {@code prewrites}, {@code commits}, {@code heartbeats} and
 *     {@code others} make them up
 * @param firstTs timestamp of the first record
 * @param maxTs largest timestamp of a record
 * @param tailBytes behind the last record: being written just now, or torn off by a crash
 * @param proof whether there is a chain over it
 * @param provedTo up to which byte
 * @param lateBytes of those chained after a restart, not as they were acknowledged
 * @param chain value at {@code provedTo} in hex; empty without a proof
 * @param remnants places without a record that the start after a crash found so, in bytes not
 *     signed before: of a group that was never acknowledged, if the disk kept what it had confirmed
 */
public record SegmentReport(
    String file,
    int id,
    long fileBytes,
    long records,
    long prewrites,
    long commits,
    long heartbeats,
    long others,
    Tso firstTs,
    Tso maxTs,
    boolean finished,
    long tailBytes,
    Proof proof,
    long provedTo,
    long lateBytes,
    String chain,
    List<Damage> damages,
    List<Damage> remnants) {

  /** State of a segment's proof. */
  public enum Proof {
    /** None there: written by an original Pump or before there were proofs. */
    NONE,
    /** More may be written. */
    OPEN,
    SEALED
  }

  public SegmentReport {
    damages = List.copyOf(damages);
    remnants = List.copyOf(remnants);
  }

  public boolean isSound() {
    return damages.isEmpty();
  }
}
