package org.tidbbinlog.drainer.server;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.drainer.pipeline.Pipeline;

/** The pipeline from the moment it runs; those who need it before that wait for it. */
final class StartedPipeline {
  private final CompletableFuture<Pipeline> pipeline = new CompletableFuture<>();

  void started(Pipeline running) {
    pipeline.complete(running);
  }

  Optional<Pipeline> now() {
    return pipeline.isDone() ? Optional.of(pipeline.join()) : Optional.empty();
  }

  /**
   * Waits for it.
   *
   * @throws RetryableException when it does not run after {@code limit}
   */
  Pipeline require(Duration limit) throws InterruptedException {
    try {
      return pipeline.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new RetryableException("drainer is starting, ask again", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a pipeline cannot fail to be there", e);
    }
  }
}
