package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.tikv.RegionCalls.ErrorOf;
import org.tidbbinlog.wire.kv.CheckTxnStatusRequest;
import org.tidbbinlog.wire.kv.CheckTxnStatusResponse;
import org.tidbbinlog.wire.kv.MvccGetByKeyRequest;
import org.tidbbinlog.wire.kv.MvccGetByKeyResponse;
import org.tidbbinlog.wire.kv.ResolveLockRequest;
import org.tidbbinlog.wire.kv.ResolveLockResponse;

/** TiKV's calls about transactions. */
final class TxnCalls {
  private static final Duration ONE_TRY = Duration.ofSeconds(10);
  private static final Duration ONE_MVCC_TRY = Duration.ofSeconds(60);

  private static final ErrorOf<CheckTxnStatusResponse> CHECK =
      new ErrorOf<>(CheckTxnStatusResponse::hasRegionError, CheckTxnStatusResponse::getRegionError);
  private static final ErrorOf<ResolveLockResponse> RESOLVE =
      new ErrorOf<>(ResolveLockResponse::hasRegionError, ResolveLockResponse::getRegionError);
  private static final ErrorOf<MvccGetByKeyResponse> MVCC =
      new ErrorOf<>(MvccGetByKeyResponse::hasRegionError, MvccGetByKeyResponse::getRegionError);

  private final RegionCalls regions;

  TxnCalls(RegionCalls regions) {
    this.regions = regions;
  }

  /** What TiKV shall do with a transaction of which it has no trace. */
  enum IfUnknown {
    ROLL_BACK,
    SAY_SO
  }

  CheckTxnStatusResponse checkStatus(
      ByteString primary,
      Tso startTs,
      Tso callerStartTs,
      Tso now,
      IfUnknown ifUnknown,
      Attempts attempts)
      throws InterruptedException {
    return regions
        .call(
            primary,
            ONE_TRY,
            attempts,
            CHECK,
            (stub, context) ->
                stub.kvCheckTxnStatus(
                    CheckTxnStatusRequest.newBuilder()
                        .setContext(context)
                        .setPrimaryKey(primary)
                        .setLockTs(startTs.value())
                        .setCallerStartTs(callerStartTs.value())
                        .setCurrentTs(now.value())
                        .setRollbackIfNotExist(ifUnknown == IfUnknown.ROLL_BACK)
                        .build()))
        .response();
  }

  /** Ends the lock of a finished transaction on one key; {@code commitTs} 0 = rollback. */
  void resolveLock(ByteString key, Tso startTs, Tso commitTs, Attempts attempts)
      throws InterruptedException {
    ResolveLockResponse response =
        regions
            .call(
                key,
                ONE_TRY,
                attempts,
                RESOLVE,
                (stub, context) ->
                    stub.kvResolveLock(
                        ResolveLockRequest.newBuilder()
                            .setContext(context)
                            .setStartVersion(startTs.value())
                            .setCommitVersion(commitTs.value())
                            .addAllKeys(List.of(key))
                            .build()))
            .response();
    if (response.hasError()) {
      attempts.pause(new RetryableException("resolve lock: " + response.getError()));
    }
  }

  MvccGetByKeyResponse versionsOf(ByteString key, Attempts attempts) throws InterruptedException {
    return regions
        .call(
            key,
            ONE_MVCC_TRY,
            attempts,
            MVCC,
            (stub, context) ->
                stub.mvccGetByKey(
                    MvccGetByKeyRequest.newBuilder().setContext(context).setKey(key).build()))
        .response();
  }
}
