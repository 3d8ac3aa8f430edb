package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.tidbbinlog.base.Tso;

/**
 * Where the whole records of a file end, and what can be said of the rest. What a crash leaves is
 * what was appended and not forced yet, with any part of it missing, so whole records may follow.
 * But a record that says that all before it was forced was written after the force: when one
 * follows, the place was whole once.
 *
 * @param what in words
 * @param before commit timestamp of the next whole item in the file, if there is any
 */
record RelayDamage(long offset, String what, Standing standing, Optional<Tso> before) {
  /** Whether a crash can have left it. */
  enum Standing {
    /** It may be what a crash cut off. The last record as it was forced may look the same. */
    MAYBE_TORN,
    /** It was on the disk: this is no crash's doing. */
    WAS_FORCED
  }

  /** Rows of the last transaction, or all of the file, are not there. */
  static RelayDamage cutOff(long offset) {
    return new RelayDamage(
        offset, RelayFrames.Fault.SHORT.text(), Standing.MAYBE_TORN, Optional.empty());
  }

  static RelayDamage at(
      RelayFrames frames, RelayFile file, RelayHead head, long offset, RelayFrames.Fault fault)
      throws IOException {
    // A head is forced before anything else is written; older files do not say what was forced.
    boolean anyRecord = offset == 0 || !head.isChained();
    boolean forced =
        frames.find(offset + 1, found -> anyRecord || isForced(found, file)).isPresent();
    Optional<Tso> before =
        frames
            .find(offset + 1, found -> commitTs(found.body()).isPresent())
            .flatMap(found -> commitTs(found.body()));
    return new RelayDamage(
        offset, fault.text(), forced ? Standing.WAS_FORCED : Standing.MAYBE_TORN, before);
  }

  /** It names its own place, so rows that hold a copy of such a record are not taken for one. */
  private static boolean isForced(RelayFrames.Found found, RelayFile file) {
    int kind = found.body()[0];
    if (kind != RelayFile.FORCED && kind != RelayFile.NEXT) {
      return false;
    }
    return RelayWriter.isPlace(found.body(), file.index(), found.position());
  }

  private static Optional<Tso> commitTs(byte[] body) {
    int at =
        switch (body[0]) {
          case RelayFile.TRANSACTION -> 1 + Long.BYTES;
          case RelayFile.DDL, RelayFile.DDL_WITH_OBSTACLE -> 1;
          default -> -1;
        };
    return at < 0 || body.length < at + Long.BYTES
        ? Optional.empty()
        : Optional.of(new Tso(ByteBuffer.wrap(body).getLong(at)));
  }
}
