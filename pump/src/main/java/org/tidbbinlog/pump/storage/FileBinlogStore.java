package org.tidbbinlog.pump.storage;

import java.nio.file.Path;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.cluster.txn.TransactionStatus;

/** Opens the store in a directory. */
public final class FileBinlogStore {
  private FileBinlogStore() {}

  /**
   * Takes the directory's lock, recovers, and starts the store's threads.
   *
   * @throws org.tidbbinlog.base.OperatorException when the directory is in use, unreadable, or
   *     damaged beyond what recovery may pass over
   */
  public static BinlogStore open(
      Path dataDir,
      StoreSettings settings,
      TransactionStatus transactions,
      TimeSource time,
      Clock clock) {
    throw new UnsupportedOperationException("not there yet");
  }
}
