package org.tidbbinlog.testkit.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.tidbbinlog.wire.etcd.CompactionRequest;
import org.tidbbinlog.wire.etcd.CompactionResponse;
import org.tidbbinlog.wire.etcd.Compare;
import org.tidbbinlog.wire.etcd.DeleteRangeRequest;
import org.tidbbinlog.wire.etcd.DeleteRangeResponse;
import org.tidbbinlog.wire.etcd.KVGrpc;
import org.tidbbinlog.wire.etcd.KeyValue;
import org.tidbbinlog.wire.etcd.PutRequest;
import org.tidbbinlog.wire.etcd.PutResponse;
import org.tidbbinlog.wire.etcd.RangeRequest;
import org.tidbbinlog.wire.etcd.RangeResponse;
import org.tidbbinlog.wire.etcd.RequestOp;
import org.tidbbinlog.wire.etcd.ResponseHeader;
import org.tidbbinlog.wire.etcd.ResponseOp;
import org.tidbbinlog.wire.etcd.TxnRequest;
import org.tidbbinlog.wire.etcd.TxnResponse;

/** KV over the store: range, put, delete and transactions, each call one revision. */
final class EtcdKvService extends KVGrpc.KVImplBase {
  private final EtcdStore store;
  private final EtcdHeaders headers;

  EtcdKvService(EtcdStore store, EtcdHeaders headers) {
    this.store = store;
    this.headers = headers;
  }

  @Override
  public void range(RangeRequest request, StreamObserver<RangeResponse> out) {
    RangeResponse response;
    synchronized (store) {
      if (request.getRevision() > store.revision()) {
        refuse(out, "etcdserver: mvcc: required revision is a future revision");
        return;
      }
      if (request.getRevision() > 0 && request.getRevision() < store.revision()) {
        refuse(out, "etcdserver: mvcc: required revision has been compacted");
        return;
      }
      response = range(request).toBuilder().setHeader(headers.now()).build();
    }
    answer(out, response);
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> out) {
    PutResponse response;
    synchronized (store) {
      store.begin();
      PutResponse.Builder put = put(request).toBuilder();
      store.finish();
      response = put.setHeader(headers.now()).build();
    }
    answer(out, response);
  }

  @Override
  public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> out) {
    DeleteRangeResponse response;
    synchronized (store) {
      store.begin();
      DeleteRangeResponse.Builder delete = delete(request).toBuilder();
      store.finish();
      response = delete.setHeader(headers.now()).build();
    }
    answer(out, response);
  }

  @Override
  public void txn(TxnRequest request, StreamObserver<TxnResponse> out) {
    TxnResponse response;
    synchronized (store) {
      store.begin();
      TxnResponse.Builder txn = txn(request).toBuilder();
      store.finish();
      response = txn.setHeader(headers.now()).build();
    }
    answer(out, response);
  }

  @Override
  public void compact(CompactionRequest request, StreamObserver<CompactionResponse> out) {
    store.compact(request.getRevision());
    answer(out, CompactionResponse.newBuilder().setHeader(headers.now()).build());
  }

  private static <T> void answer(StreamObserver<T> out, T response) {
    out.onNext(response);
    out.onCompleted();
  }

  private static void refuse(StreamObserver<?> out, String why) {
    out.onError(Status.OUT_OF_RANGE.withDescription(why).asRuntimeException());
  }

  private RangeResponse range(RangeRequest request) {
    List<KeyValue> found = new ArrayList<>(store.range(request.getKey(), request.getRangeEnd()));
    if (request.getSortOrder() == RangeRequest.SortOrder.DESCEND) {
      Collections.reverse(found);
    }
    RangeResponse.Builder response = RangeResponse.newBuilder().setCount(found.size());
    if (request.getCountOnly()) {
      return response.build();
    }
    long limit = request.getLimit() <= 0 ? Long.MAX_VALUE : request.getLimit();
    found.stream()
        .limit(limit)
        .map(kv -> request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv)
        .forEach(response::addKvs);
    return response.setMore(found.size() > limit).build();
  }

  private PutResponse put(PutRequest request) {
    PutResponse.Builder response = PutResponse.newBuilder();
    store
        .put(request.getKey(), request.getValue(), request.getLease())
        .filter(before -> request.getPrevKv())
        .ifPresent(response::setPrevKv);
    return response.build();
  }

  private DeleteRangeResponse delete(DeleteRangeRequest request) {
    List<ByteString> keys =
        store.range(request.getKey(), request.getRangeEnd()).stream()
            .map(KeyValue::getKey)
            .toList();
    List<KeyValue> gone = store.deleteKeys(keys);
    DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder().setDeleted(gone.size());
    return request.getPrevKv() ? response.addAllPrevKvs(gone).build() : response.build();
  }

  private TxnResponse txn(TxnRequest request) {
    boolean holds = request.getCompareList().stream().allMatch(this::holds);
    TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(holds);
    for (RequestOp op : holds ? request.getSuccessList() : request.getFailureList()) {
      response.addResponses(apply(op));
    }
    return response.build();
  }

  private ResponseOp apply(RequestOp op) {
    ResponseOp.Builder out = ResponseOp.newBuilder();
    switch (op.getRequestCase()) {
      case REQUEST_RANGE -> out.setResponseRange(range(op.getRequestRange()));
      case REQUEST_PUT -> out.setResponsePut(put(op.getRequestPut()));
      case REQUEST_DELETE_RANGE -> out.setResponseDeleteRange(delete(op.getRequestDeleteRange()));
      case REQUEST_TXN -> out.setResponseTxn(txn(op.getRequestTxn()));
      case REQUEST_NOT_SET -> {}
    }
    return out.build();
  }

  private boolean holds(Compare compare) {
    KeyValue kv = store.get(compare.getKey()).orElse(KeyValue.getDefaultInstance());
    int order =
        switch (compare.getTarget()) {
          case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
          case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
          case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
          case LEASE -> Long.compare(kv.getLease(), compare.getLease());
          case VALUE -> VALUES.compare(kv.getValue(), compare.getValue());
          case UNRECOGNIZED -> throw new IllegalArgumentException("compare target " + compare);
        };
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case NOT_EQUAL -> order != 0;
      case UNRECOGNIZED -> throw new IllegalArgumentException("compare result " + compare);
    };
  }

  private static final Comparator<ByteString> VALUES =
      ByteString.unsignedLexicographicalComparator();

  /** Stamps of a response. */
  interface EtcdHeaders {
    ResponseHeader now();
  }
}
