package org.tidbbinlog.testkit.etcd;

import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.testkit.etcd.EtcdKvService.EtcdHeaders;
import org.tidbbinlog.wire.etcd.Event;
import org.tidbbinlog.wire.etcd.WatchCreateRequest;
import org.tidbbinlog.wire.etcd.WatchGrpc;
import org.tidbbinlog.wire.etcd.WatchRequest;
import org.tidbbinlog.wire.etcd.WatchResponse;

/** Watches: replay from a revision, then live events; a compacted revision cancels the watch. */
final class EtcdWatchService extends WatchGrpc.WatchImplBase {
  private final EtcdStore store;
  private final EtcdHeaders headers;

  EtcdWatchService(EtcdStore store, EtcdHeaders headers) {
    this.store = store;
    this.headers = headers;
  }

  @Override
  public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> out) {
    return new Stream(out);
  }

  /** One client stream with its watches; every send happens under the store's lock. */
  private final class Stream implements StreamObserver<WatchRequest> {
    private final StreamObserver<WatchResponse> out;
    private final Map<Long, EtcdStore.Watcher> watches = new HashMap<>();
    private long nextId;

    Stream(StreamObserver<WatchResponse> out) {
      this.out = out;
    }

    @Override
    public void onNext(WatchRequest request) {
      synchronized (store) {
        switch (request.getRequestUnionCase()) {
          case CREATE_REQUEST -> create(request.getCreateRequest());
          case CANCEL_REQUEST -> cancel(request.getCancelRequest().getWatchId());
          case PROGRESS_REQUEST -> out.onNext(response(-1).build());
          case REQUESTUNION_NOT_SET -> {}
        }
      }
    }

    private void create(WatchCreateRequest request) {
      long id = request.getWatchId() != 0 ? request.getWatchId() : nextId++;
      out.onNext(response(id).setCreated(true).build());
      long from = request.getStartRevision();
      if (from > 0 && from < store.compactRevision()) {
        out.onNext(
            response(id)
                .setCanceled(true)
                .setCompactRevision(store.compactRevision())
                .setCancelReason("etcdserver: mvcc: required revision has been compacted")
                .build());
        return;
      }
      EtcdStore.Watcher watcher = change -> send(id, request, change);
      watches.put(id, watcher);
      store.watch(from, watcher);
    }

    private void send(long id, WatchCreateRequest request, EtcdStore.Change change) {
      List<Event> events =
          change.events().stream()
              .filter(
                  event ->
                      EtcdRange.contains(
                          request.getKey(), request.getRangeEnd(), event.getKv().getKey()))
              .map(event -> request.getPrevKv() ? event : event.toBuilder().clearPrevKv().build())
              .toList();
      if (!events.isEmpty() && change.revision() >= request.getStartRevision()) {
        out.onNext(response(id).addAllEvents(events).build());
      }
    }

    private void cancel(long id) {
      EtcdStore.Watcher watcher = watches.remove(id);
      if (watcher != null) {
        store.unwatch(watcher);
        out.onNext(response(id).setCanceled(true).build());
      }
    }

    private WatchResponse.Builder response(long id) {
      return WatchResponse.newBuilder().setHeader(headers.now()).setWatchId(id);
    }

    @Override
    public void onError(Throwable broken) {
      stop();
    }

    @Override
    public void onCompleted() {
      stop();
      out.onCompleted();
    }

    private void stop() {
      synchronized (store) {
        watches.values().forEach(store::unwatch);
        watches.clear();
      }
    }
  }
}
