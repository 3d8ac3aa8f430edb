package org.tidbbinlog.testkit.tikv;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.testkit.tikv.KeyVersions.Lock;
import org.tidbbinlog.testkit.tikv.MvccStore.Direction;
import org.tidbbinlog.testkit.tikv.MvccStore.IfUnknown;
import org.tidbbinlog.testkit.tikv.MvccStore.Read;
import org.tidbbinlog.testkit.tikv.MvccStore.Status;
import org.tidbbinlog.wire.kv.BatchCommandsRequest;
import org.tidbbinlog.wire.kv.BatchCommandsResponse;
import org.tidbbinlog.wire.kv.CheckTxnStatusRequest;
import org.tidbbinlog.wire.kv.CheckTxnStatusResponse;
import org.tidbbinlog.wire.kv.Context;
import org.tidbbinlog.wire.kv.GetRequest;
import org.tidbbinlog.wire.kv.GetResponse;
import org.tidbbinlog.wire.kv.KeyError;
import org.tidbbinlog.wire.kv.KvPair;
import org.tidbbinlog.wire.kv.LockInfo;
import org.tidbbinlog.wire.kv.MvccGetByKeyRequest;
import org.tidbbinlog.wire.kv.MvccGetByKeyResponse;
import org.tidbbinlog.wire.kv.MvccInfo;
import org.tidbbinlog.wire.kv.MvccLock;
import org.tidbbinlog.wire.kv.MvccWrite;
import org.tidbbinlog.wire.kv.ResolveLockRequest;
import org.tidbbinlog.wire.kv.ResolveLockResponse;
import org.tidbbinlog.wire.kv.ScanRequest;
import org.tidbbinlog.wire.kv.ScanResponse;
import org.tidbbinlog.wire.kv.TikvGrpc;
import org.tidbbinlog.wire.kv.TxnNotFound;
import org.tidbbinlog.wire.regionerror.Error;

/** The TiKV service of one store. */
final class TikvService extends TikvGrpc.TikvImplBase {
  private final TikvDouble tikv;
  private final long store;

  TikvService(TikvDouble tikv, long store) {
    this.tikv = tikv;
    this.store = store;
  }

  @Override
  public void kvGet(GetRequest request, StreamObserver<GetResponse> out) {
    tikv.count(TikvCall.GET);
    GetResponse.Builder response = GetResponse.newBuilder();
    Tso version = new Tso(request.getVersion());
    Optional<Error> fault = fault(request.getContext(), request.getKey());
    if (fault.isPresent()) {
      response.setRegionError(fault.get());
    } else if (isCollected(version)) {
      response.setError(collected(version));
    } else {
      Read read = tikv.mvcc().read(request.getKey(), version);
      if (read.lock().isPresent()) {
        response.setError(locked(read.key(), read.lock().get()));
      } else {
        response.setNotFound(read.value().isEmpty());
        read.value().ifPresent(response::setValue);
      }
    }
    answer(out, response.build());
  }

  @Override
  public void kvScan(ScanRequest request, StreamObserver<ScanResponse> out) {
    tikv.count(TikvCall.SCAN);
    ScanResponse.Builder response = ScanResponse.newBuilder();
    Tso version = new Tso(request.getVersion());
    Optional<Error> fault = fault(request);
    if (fault.isPresent()) {
      response.setRegionError(fault.get());
    } else if (isCollected(version)) {
      response.setError(collected(version));
    } else {
      for (Read read : scan(request, version)) {
        KvPair.Builder pair = KvPair.newBuilder();
        if (read.lock().isPresent()) {
          pair.setError(locked(read.key(), read.lock().get()));
        } else {
          pair.setKey(read.key());
          if (!request.getKeyOnly()) {
            read.value().ifPresent(pair::setValue);
          }
        }
        response.addPairs(pair);
      }
    }
    answer(out, response.build());
  }

  /** In a reverse scan the start key is the exclusive upper bound. Reads stop at the region. */
  private List<Read> scan(ScanRequest request, Tso version) {
    Regions.Cut cut = tikv.regions().named(request.getContext());
    int limit = request.getLimit();
    if (request.getReverse()) {
      ByteString from = later(cut.start(), request.getEndKey());
      ByteString to = earlierEnd(cut.end(), request.getStartKey());
      return tikv.mvcc().scan(from, to, version, limit, Direction.BACKWARD);
    }
    ByteString from = later(cut.start(), request.getStartKey());
    ByteString to = earlierEnd(cut.end(), request.getEndKey());
    return tikv.mvcc().scan(from, to, version, limit, Direction.FORWARD);
  }

  private static ByteString later(ByteString a, ByteString b) {
    return MvccStore.KEY_ORDER.compare(a, b) >= 0 ? a : b;
  }

  private static ByteString earlierEnd(ByteString a, ByteString b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isEmpty() ? b : a;
    }
    return MvccStore.KEY_ORDER.compare(a, b) <= 0 ? a : b;
  }

  @Override
  public void kvCheckTxnStatus(
      CheckTxnStatusRequest request, StreamObserver<CheckTxnStatusResponse> out) {
    tikv.count(TikvCall.CHECK_TXN_STATUS);
    CheckTxnStatusResponse.Builder response = CheckTxnStatusResponse.newBuilder();
    Optional<Error> fault = fault(request.getContext(), request.getPrimaryKey());
    if (fault.isPresent()) {
      answer(out, response.setRegionError(fault.get()).build());
      return;
    }
    Optional<Status> status =
        tikv.mvcc()
            .check(
                request.getPrimaryKey(),
                new Tso(request.getLockTs()),
                new Tso(request.getCurrentTs()),
                request.getRollbackIfNotExist() ? IfUnknown.PLANT_ROLLBACK : IfUnknown.SAY_SO);
    if (status.isEmpty()) {
      response.setError(
          KeyError.newBuilder()
              .setTxnNotFound(
                  TxnNotFound.newBuilder()
                      .setStartTs(request.getLockTs())
                      .setPrimaryKey(request.getPrimaryKey())));
    } else {
      Status known = status.get();
      response
          .setCommitVersion(known.commitTs().value())
          .setLockTtl(known.lockTtlMs())
          .setAction(known.action());
      known.lock().ifPresent(l -> response.setLockInfo(lockInfo(request.getPrimaryKey(), l)));
    }
    answer(out, response.build());
  }

  @Override
  public void kvResolveLock(ResolveLockRequest request, StreamObserver<ResolveLockResponse> out) {
    tikv.count(TikvCall.RESOLVE_LOCK);
    Optional<Error> fault = tikv.fault(request.getContext(), store);
    if (fault.isPresent()) {
      answer(out, ResolveLockResponse.newBuilder().setRegionError(fault.get()).build());
      return;
    }
    Tso start = new Tso(request.getStartVersion());
    Tso commit = new Tso(request.getCommitVersion());
    if (request.getKeysCount() > 0) {
      request.getKeysList().forEach(key -> tikv.mvcc().resolveKey(key, start, commit));
    } else {
      Regions.Cut cut = tikv.regions().named(request.getContext());
      tikv.mvcc().resolve(cut.start(), cut.end(), start, commit);
    }
    answer(out, ResolveLockResponse.getDefaultInstance());
  }

  @Override
  public void mvccGetByKey(MvccGetByKeyRequest request, StreamObserver<MvccGetByKeyResponse> out) {
    tikv.count(TikvCall.MVCC_GET_BY_KEY);
    MvccGetByKeyResponse.Builder response = MvccGetByKeyResponse.newBuilder();
    Optional<Error> fault = fault(request.getContext(), request.getKey());
    if (fault.isPresent()) {
      response.setRegionError(fault.get());
    } else {
      response.setInfo(info(request.getKey()));
    }
    answer(out, response.build());
  }

  @Override
  public StreamObserver<BatchCommandsRequest> batchCommands(
      StreamObserver<BatchCommandsResponse> out) {
    return new BatchCommands(this, out);
  }

  private MvccInfo info(ByteString key) {
    MvccInfo.Builder info = MvccInfo.newBuilder();
    synchronized (tikv.mvcc()) {
      tikv.mvcc()
          .versions(key)
          .ifPresent(
              versions -> {
                versions
                    .lock()
                    .ifPresent(
                        lock ->
                            info.setLock(
                                MvccLock.newBuilder()
                                    .setType(lock.type())
                                    .setStartTs(lock.startTs().value())
                                    .setPrimary(lock.primary())
                                    .setTtl(lock.ttlMs())));
                versions
                    .writes()
                    .forEach(
                        write ->
                            info.addWrites(
                                MvccWrite.newBuilder()
                                    .setType(write.type())
                                    .setStartTs(write.startTs().value())
                                    .setCommitTs(write.commitTs().value())
                                    .setHasOverlappedRollback(write.overlappedRollback())));
              });
    }
    return info.build();
  }

  private Optional<Error> fault(ScanRequest request) {
    return request.getReverse()
        ? tikv.fault(request.getContext(), store)
        : fault(request.getContext(), request.getStartKey());
  }

  private Optional<Error> fault(Context context, ByteString key) {
    return tikv.fault(context, store).or(() -> tikv.regions().misplaced(context, key));
  }

  private boolean isCollected(Tso version) {
    return version.isBefore(tikv.safePoint());
  }

  private KeyError collected(Tso version) {
    return KeyError.newBuilder()
        .setAbort("read at " + version + " is behind the GC safe point " + tikv.safePoint())
        .build();
  }

  private static KeyError locked(ByteString key, Lock lock) {
    return KeyError.newBuilder().setLocked(lockInfo(key, lock)).build();
  }

  private static LockInfo lockInfo(ByteString key, Lock lock) {
    return LockInfo.newBuilder()
        .setKey(key)
        .setPrimaryLock(lock.primary())
        .setLockVersion(lock.startTs().value())
        .setLockTtl(lock.ttlMs())
        .setLockType(lock.type())
        .build();
  }

  private static <T> void answer(StreamObserver<T> out, T response) {
    out.onNext(response);
    out.onCompleted();
  }
}
