package org.tidbbinlog.cluster.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.etcd.EtcdClient.Listing;
import org.tidbbinlog.cluster.etcd.EtcdEndpoints.Failure;
import org.tidbbinlog.wire.etcd.Event;
import org.tidbbinlog.wire.etcd.WatchCreateRequest;
import org.tidbbinlog.wire.etcd.WatchGrpc;
import org.tidbbinlog.wire.etcd.WatchProgressRequest;
import org.tidbbinlog.wire.etcd.WatchRequest;
import org.tidbbinlog.wire.etcd.WatchResponse;

/**
 * Follows a prefix for ever: lists it, watches from the next revision on, and starts over after an
 * error, a compaction, or when a member falls silent. The own thread {@code cluster-watch-<n>}
 * calls the follower. Nothing is missed: what a broken watch did not say, the next listing does.
 */
final class EtcdWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EtcdWatch.class);
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int MAX_MESSAGES = 1024;
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** Told of listings and changes, on the watch's thread. */
  interface Follower {
    void onListing(List<EtcdKey> keys);

    void onPut(EtcdKey key);

    void onDelete(EtcdKey key);

    /** After all events of one message. */
    void onSettled();
  }

  private final EtcdClient etcd;
  private final String prefix;
  private final Follower follower;
  private final Clock clock;
  private final Duration silenceLimit;
  private final Thread thread;
  private volatile boolean closed;

  EtcdWatch(EtcdClient etcd, String prefix, Follower follower, Clock clock, Duration silenceLimit) {
    this.etcd = etcd;
    this.prefix = prefix;
    this.follower = follower;
    this.clock = clock;
    this.silenceLimit = silenceLimit;
    this.thread = new Thread(this::run, "cluster-watch-" + COUNT.incrementAndGet());
    this.thread.setDaemon(true);
    this.thread.start();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    try {
      while (!closed) {
        followOnce();
        clock.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void followOnce() throws InterruptedException {
    try {
      Listing listing = etcd.list(prefix);
      follower.onListing(listing.keys());
      String address = etcd.members().address();
      Stream stream = new Stream(address, listing.revision() + 1);
      try {
        stream.follow();
      } finally {
        stream.close();
      }
    } catch (RetryableException e) {
      if (!closed) {
        LOG.atWarn()
            .addKeyValue("prefix", prefix)
            .addKeyValue("error", e.getMessage())
            .log("etcd watch broken, listing again");
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException();
      }
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("prefix", prefix)
          .setCause(e)
          .log("etcd watch failed, listing again");
    }
  }

  /** One watch on one member. */
  private final class Stream implements StreamObserver<WatchResponse> {
    private final String address;
    private final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>(MAX_MESSAGES);
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final long fromRevision;

    Stream(String address, long fromRevision) {
      this.address = address;
      this.fromRevision = fromRevision;
    }

    void follow() throws InterruptedException {
      StreamObserver<WatchRequest> requests = open();
      requests.onNext(create());
      Silence silence = Silence.NONE;
      while (!closed) {
        Message message = messages.poll(silenceLimit.toMillis(), TimeUnit.MILLISECONDS);
        if (message != null) {
          message.tell(this);
          silence = Silence.NONE;
        } else if (silence == Silence.ASKED) {
          etcd.members().failed(address, Failure.SILENCE);
          throw new RetryableException("etcd " + address + " is silent");
        } else {
          requests.onNext(
              WatchRequest.newBuilder()
                  .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                  .build());
          silence = Silence.ASKED;
        }
      }
    }

    private StreamObserver<WatchRequest> open() {
      Context before = context.attach();
      try {
        return WatchGrpc.newStub(etcd.members().channel(address)).watch(this);
      } finally {
        context.detach(before);
      }
    }

    private WatchRequest create() {
      return WatchRequest.newBuilder()
          .setCreateRequest(
              WatchCreateRequest.newBuilder()
                  .setKey(ByteString.copyFromUtf8(prefix))
                  .setRangeEnd(EtcdClient.endOf(prefix))
                  .setStartRevision(fromRevision))
          .build();
    }

    void apply(WatchResponse response) {
      if (response.getCanceled()) {
        throw new RetryableException(
            "etcd cancelled the watch: "
                + response.getCancelReason()
                + " compactRevision="
                + response.getCompactRevision());
      }
      for (Event event : response.getEventsList()) {
        EtcdKey key = EtcdClient.key(event.getKv());
        if (event.getType() == Event.EventType.DELETE) {
          follower.onDelete(key);
        } else {
          follower.onPut(key);
        }
      }
      if (response.getEventsCount() > 0) {
        follower.onSettled();
      }
    }

    void fail(Throwable failure) {
      etcd.members().failed(address, Failure.ERROR);
      throw new RetryableException("etcd " + address + ": " + failure.getMessage(), failure);
    }

    void close() {
      context.cancel(Status.CANCELLED.withDescription("watch closed").asException());
      messages.clear();
    }

    /** Blocks the connection, not the memory, when the follower is slow. */
    private void enqueue(Message message) {
      try {
        messages.put(message);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onNext(WatchResponse response) {
      enqueue(new Message.Told(response));
    }

    @Override
    public void onError(Throwable failure) {
      enqueue(new Message.Broken(failure));
    }

    @Override
    public void onCompleted() {
      enqueue(
          new Message.Broken(
              new StatusRuntimeException(Status.UNAVAILABLE.withDescription("watch ended"))));
    }
  }

  private enum Silence {
    NONE,
    ASKED
  }

  /** What arrives at the watch's thread. */
  private sealed interface Message {
    void tell(Stream stream);

    record Told(WatchResponse response) implements Message {
      @Override
      public void tell(Stream stream) {
        stream.apply(response);
      }
    }

    record Broken(Throwable failure) implements Message {
      @Override
      public void tell(Stream stream) {
        stream.fail(failure);
      }
    }
  }
}
