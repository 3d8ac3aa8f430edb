package org.tidbbinlog.drainer.airlock;

import java.util.List;
import org.tidbbinlog.base.Tso;

/**
 * How the stream behind a held DDL stands.
 *
 * @param passed items behind it that went on: they are in the target, or on their way
 * @param waitingTransactions those of which rows wait
 * @param waitingBytes memory that they hold, estimated
 * @param waitingDdls DDL behind it, which waits in any case
 * @param reach how far the stream may go
 */
public record StreamBehind(
    long passed,
    int waitingTransactions,
    long waitingBytes,
    List<WaitingDdl> waitingDdls,
    Reach reach) {
  public static final StreamBehind NOTHING = new StreamBehind(0, 0, 0, List.of(), Reach.GOES_ON);

  public StreamBehind {
    waitingDdls = List.copyOf(waitingDdls);
  }

  /** DDL that waits behind the one that is held. */
  public record WaitingDdl(Tso commitTs, String query) {}

  /** Whether more is taken from the stream. */
  public enum Reach {
    GOES_ON,
    /** So much waits or has gone ahead that nothing more is taken (I10). */
    AT_ITS_LIMIT
  }
}
