package org.tidbbinlog.tools.replay;

import java.nio.ByteBuffer;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;

/** One captured transaction on its way; guarded by its {@link PlayWindow}. */
final class PlayedTransaction {
  /** How far it is. */
  enum Phase {
    WAITING,
    PREWRITING,
    PREWRITTEN,
    COMMITTING,
    DONE
  }

  private final Binlog prewrite;
  private final Tso commitTs;
  private final int sizeBytes;
  private Phase phase = Phase.WAITING;

  private PlayedTransaction(Binlog prewrite, Tso commitTs, int sizeBytes) {
    this.prewrite = prewrite;
    this.commitTs = commitTs;
    this.sizeBytes = sizeBytes;
  }

  /** A matched record becomes its Prewrite and its commit timestamp again. */
  static PlayedTransaction of(byte[] matched) {
    Binlog binlog = Binlog.decode(ByteBuffer.wrap(matched));
    return new PlayedTransaction(binlog.withoutCommit(), binlog.commitTs(), matched.length);
  }

  Binlog prewrite() {
    return prewrite;
  }

  Binlog commit() {
    return Binlog.commitOf(prewrite, commitTs);
  }

  Tso startTs() {
    return prewrite.startTs();
  }

  Tso commitTs() {
    return commitTs;
  }

  int sizeBytes() {
    return sizeBytes;
  }

  Phase phase() {
    return phase;
  }

  void phase(Phase next) {
    phase = next;
  }
}
