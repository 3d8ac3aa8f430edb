package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.tikv.RegionCache.Located;
import org.tidbbinlog.wire.kv.Context;
import org.tidbbinlog.wire.kv.TikvGrpc;
import org.tidbbinlog.wire.kv.TikvGrpc.TikvBlockingStub;
import org.tidbbinlog.wire.regionerror.Error;

/** Sends one request to the leader of a key's region, again and again until a region serves it. */
final class RegionCalls {
  private final RegionCache cache;
  private final Links links;

  RegionCalls(RegionCache cache, Links links) {
    this.cache = cache;
    this.links = links;
  }

  /** The response, and the region that gave it. */
  record Answer<T>(T response, Located from) {}

  /** How a kind of response shows a region error. */
  record ErrorOf<T>(Predicate<T> present, Function<T, Error> error) {}

  <T> Answer<T> call(
      ByteString rawKey,
      Duration oneTry,
      Attempts attempts,
      ErrorOf<T> errorOf,
      BiFunction<TikvBlockingStub, Context, T> request)
      throws InterruptedException {
    while (true) {
      Located located = cache.locate(rawKey, attempts);
      long store = located.leader().getStoreId();
      String address = cache.addressOf(store);
      try {
        TikvBlockingStub stub =
            TikvGrpc.newBlockingStub(links.to(address))
                .withDeadlineAfter(attempts.leftAtMost(oneTry).toMillis(), TimeUnit.MILLISECONDS);
        T response = request.apply(stub, located.context());
        if (!errorOf.present().test(response)) {
          return new Answer<>(response, located);
        }
        RegionErrors.handle(errorOf.error().apply(response), located, cache, attempts);
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
          links.drop(address);
        }
        cache.forgetStore(store);
        cache.forget(located);
        attempts.pause(new RetryableException("TiKV " + address + ": " + e.getMessage(), e));
      }
    }
  }
}
