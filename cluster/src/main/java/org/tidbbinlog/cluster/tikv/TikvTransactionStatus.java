package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.cluster.txn.TransactionStatus;
import org.tidbbinlog.wire.kv.CheckTxnStatusResponse;
import org.tidbbinlog.wire.kv.MvccGetByKeyResponse;
import org.tidbbinlog.wire.kv.MvccWrite;
import org.tidbbinlog.wire.kv.Op;

/**
 * The fate of a transaction from the versions of its primary key; only for one that is older than
 * {@link #MAX_TRANSACTION_AGE} and left no trace does TiKV decide. Source: tikv-access section 2.
 */
public final class TikvTransactionStatus implements TransactionStatus {
  /** No transaction lives longer, so one without a trace after it will never commit. */
  static final Duration MAX_TRANSACTION_AGE = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(TikvTransactionStatus.class);

  private final TikvClient tikv;

  public TikvTransactionStatus(TikvClient tikv) {
    this.tikv = tikv;
  }

  @Override
  public TransactionFate fateOf(Tso startTs, byte[] primaryKey, Tso now)
      throws InterruptedException {
    ByteString primary = ByteString.copyFrom(primaryKey);
    MvccGetByKeyResponse versions =
        tikv.transactions().versionsOf(primary, tikv.begin("TiKV MvccGetByKey"));
    if (versions.getError().isEmpty()) {
      Optional<TransactionFate> written =
          versions.getInfo().getWritesList().stream()
              .filter(write -> write.getStartTs() == startTs.value())
              .findFirst()
              .flatMap(write -> fate(write, startTs));
      if (written.isPresent()) {
        return written.get();
      }
    }
    long ageMs = now.physicalMs() - startTs.physicalMs();
    if (ageMs <= MAX_TRANSACTION_AGE.toMillis()) {
      return new TransactionFate.Undecided(
          "no commit or rollback of its primary key yet, age " + ageMs + "ms");
    }
    return decide(startTs, primary, now);
  }

  /**
   * A rollback mark inside the record of another transaction has another start timestamp and says
   * nothing here.
   */
  private static Optional<TransactionFate> fate(MvccWrite write, Tso startTs) {
    if (write.getType() == Op.Rollback) {
      return Optional.of(new TransactionFate.RolledBack());
    }
    Tso commitTs = new Tso(write.getCommitTs());
    return commitTs.isAfter(startTs)
        ? Optional.of(new TransactionFate.Committed(commitTs))
        : Optional.empty();
  }

  private TransactionFate decide(Tso startTs, ByteString primary, Tso now)
      throws InterruptedException {
    CheckTxnStatusResponse status =
        tikv.transactions()
            .checkStatus(
                primary,
                startTs,
                startTs,
                now,
                TxnCalls.IfUnknown.ROLL_BACK,
                tikv.begin("TiKV CheckTxnStatus"));
    if (status.hasError()) {
      throw new RetryableException("TiKV CheckTxnStatus of " + startTs + ": " + status.getError());
    }
    LOG.atInfo()
        .addKeyValue("startTs", startTs)
        .addKeyValue("commitTs", Long.toUnsignedString(status.getCommitVersion()))
        .addKeyValue("ttl", status.getLockTtl())
        .addKeyValue("action", status.getAction())
        .log("old transaction decided by TiKV");
    if (status.getLockTtl() > 0) {
      return new TransactionFate.Undecided("its lock lives, ttl " + status.getLockTtl() + "ms");
    }
    return status.getCommitVersion() != 0
        ? new TransactionFate.Committed(new Tso(status.getCommitVersion()))
        : new TransactionFate.RolledBack();
  }
}
