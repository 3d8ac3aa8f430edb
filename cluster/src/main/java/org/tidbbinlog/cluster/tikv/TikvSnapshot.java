package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.tikv.RegionCalls.Answer;
import org.tidbbinlog.cluster.tikv.RegionCalls.ErrorOf;
import org.tidbbinlog.wire.kv.GetRequest;
import org.tidbbinlog.wire.kv.GetResponse;
import org.tidbbinlog.wire.kv.KeyError;
import org.tidbbinlog.wire.kv.KvPair;
import org.tidbbinlog.wire.kv.ScanRequest;
import org.tidbbinlog.wire.kv.ScanResponse;

/**
 * Reads of raw keys as they were at a timestamp: region errors and locks are handled inside.
 * Source: tikv-access section 1.
 */
final class TikvSnapshot {
  private static final Duration ONE_TRY = Duration.ofSeconds(20);
  private static final ErrorOf<GetResponse> GET =
      new ErrorOf<>(GetResponse::hasRegionError, GetResponse::getRegionError);
  private static final ErrorOf<ScanResponse> SCAN =
      new ErrorOf<>(ScanResponse::hasRegionError, ScanResponse::getRegionError);

  private final RegionCalls regions;
  private final LockResolver locks;
  private final Attempts.Policy policy;

  TikvSnapshot(RegionCalls regions, LockResolver locks, Attempts.Policy policy) {
    this.regions = regions;
    this.locks = locks;
    this.policy = policy;
  }

  /** A key with its value. */
  record Pair(ByteString key, ByteString value) {}

  /** Part of a scan; {@code next} is where to go on, empty at the end. */
  record Page(List<Pair> pairs, Optional<ByteString> next) {}

  /** Empty for an absent key, and for an empty value, which meta keys never have. */
  Optional<ByteString> get(ByteString key, Tso ts) throws InterruptedException {
    Attempts attempts = policy.begin("TiKV get");
    while (true) {
      GetResponse response =
          regions
              .call(
                  key,
                  ONE_TRY,
                  attempts,
                  GET,
                  (stub, context) ->
                      stub.kvGet(
                          GetRequest.newBuilder()
                              .setContext(context)
                              .setKey(key)
                              .setVersion(ts.value())
                              .build()))
              .response();
      if (!response.hasError()) {
        return Optional.of(response.getValue()).filter(value -> !value.isEmpty());
      }
      handle(response.getError(), ts, attempts);
    }
  }

  /** At most {@code limit} pairs of [from, to) in key order. */
  Page page(ByteString from, ByteString to, Tso ts, int limit) throws InterruptedException {
    Attempts attempts = policy.begin("TiKV scan");
    while (true) {
      Answer<ScanResponse> answer =
          regions.call(
              from,
              ONE_TRY,
              attempts,
              SCAN,
              (stub, context) ->
                  stub.kvScan(
                      ScanRequest.newBuilder()
                          .setContext(context)
                          .setStartKey(from)
                          .setEndKey(to)
                          .setLimit(limit)
                          .setVersion(ts.value())
                          .build()));
      Optional<KeyError> error = firstError(answer.response());
      if (error.isEmpty()) {
        return page(answer, to, limit);
      }
      handle(error.get(), ts, attempts);
    }
  }

  private static Optional<KeyError> firstError(ScanResponse response) {
    return response.hasError()
        ? Optional.of(response.getError())
        : response.getPairsList().stream()
            .filter(KvPair::hasError)
            .map(KvPair::getError)
            .findFirst();
  }

  private static Page page(Answer<ScanResponse> answer, ByteString to, int limit) {
    List<Pair> pairs = new ArrayList<>();
    answer.response().getPairsList().forEach(p -> pairs.add(new Pair(p.getKey(), p.getValue())));
    if (pairs.size() >= limit) {
      ByteString last = pairs.get(pairs.size() - 1).key();
      return new Page(pairs, Optional.of(last.concat(ByteString.copyFrom(new byte[1]))));
    }
    Optional<ByteString> next =
        answer
            .from()
            .rawEnd()
            .filter(end -> ByteString.unsignedLexicographicalComparator().compare(end, to) < 0);
    return new Page(pairs, next);
  }

  private void handle(KeyError error, Tso ts, Attempts attempts) throws InterruptedException {
    if (error.hasLocked()) {
      locks.resolve(error.getLocked(), ts, attempts);
    } else if (error.getAbort().toLowerCase(Locale.ROOT).contains("safe point")) {
      throw new BehindSafePointException(error.getAbort());
    } else {
      attempts.pause(new RetryableException("TiKV: " + error));
    }
  }
}
