package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.drainer.checkpoint.FirstStart;
import org.tidbbinlog.drainer.pipeline.Pipeline;
import org.tidbbinlog.drainer.pipeline.PipelineEvents;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.node.net.Channels;

/** What an orderly stop of the stations waits for, and what it saves (decision 0077). */
@Timeout(30)
class PipelineStopTest {
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final long HEARTBEATS_APART_MS = 20_000;

  @TempDir Path folder = Path.of("");
  @AutoClose private final NodeScene scene;
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private long sent;
  private final List<Tso> heard = new CopyOnWriteArrayList<>();

  PipelineStopTest(@TempDir Path home) throws InterruptedException {
    this.scene = new NodeScene(home);
  }

  private final class Events implements PipelineEvents {
    @Override
    public void onReceived(PulledBinlog binlog) {}

    @Override
    public void onAcknowledged(SinkItem item) {
      heard.add(item.commitTs());
    }

    @Override
    public void onFailure(Throwable cause) {
      failures.add(cause);
    }
  }

  private Pipeline start() throws InterruptedException {
    ClusterConnection cluster = scene.connection();
    Tso now = cluster.timeSource().next();
    return Pipeline.start(
        new Pipeline.Upstream(
            cluster.registry(),
            cluster.schemaSource(),
            cluster.timeSource(),
            host -> Channels.openWithKeepAlive(host, cluster.tls(), 360, 20)),
        scene.target,
        PipelinePlan.of(
            scene.settings(scene.port), cluster.clusterId(), folder, FirstStart.at(now)),
        new Events(),
        Clock.system());
  }

  /** Each so far behind the one before that it is not one heartbeat too many. */
  private Tso send() {
    sent++;
    Tso ts = new Tso(scene.cluster.pd().nextTso().value() + ((sent * HEARTBEATS_APART_MS) << 18));
    scene.pump.fake(ts.value());
    return ts;
  }

  @Test
  void item_on_its_way_into_the_sink_that_does_not_end_in_time_is_given_up_and_told()
      throws Exception {
    Pipeline pipeline = start();
    Tso first = send();
    await().until(() -> scene.target.acknowledged().equals(first));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    scene.target.atSubmit(
        () -> {
          begun.countDown();
          never.await();
        });
    send();
    begun.await();
    assertThat(pipeline.stop(SHORT)).isEqualTo(Pipeline.Stopped.NOT_DRAINED);
    assertThat(scene.target.isClosed()).isTrue();
    assertThat(scene.target.saved().consistent()).isFalse();
    assertThat(scene.target.saved().commitTs()).isEqualTo(first);
    assertThat(failures).isEmpty();
  }

  @Test
  void target_that_may_be_ahead_since_a_takeover_is_consistent_only_behind_that() throws Exception {
    Pipeline pipeline = start();
    Tso first = send();
    await().until(() -> scene.target.acknowledged().equals(first));
    scene.target.mayHoldUpTo(new Tso(first.value() + 1));
    assertThat(pipeline.stop(SHORT)).isEqualTo(Pipeline.Stopped.TARGET_AHEAD);
    assertThat(scene.target.saved().consistent()).isFalse();

    Pipeline next = start();
    Tso second = send();
    await().until(() -> scene.target.acknowledged().equals(second));
    assertThat(next.stop(SHORT)).isEqualTo(Pipeline.Stopped.CONSISTENT);
    assertThat(scene.target.saved().consistent()).isTrue();
  }

  @Test
  void sink_that_breaks_while_it_drains_is_closed_and_what_it_has_is_saved() throws Exception {
    Pipeline pipeline = start();
    Tso first = send();
    await().until(() -> scene.target.acknowledged().equals(first));
    scene.target.drains(
        () -> {
          throw new IllegalStateException("it broke");
        });
    assertThatThrownBy(() -> pipeline.stop(SHORT)).hasMessage("it broke");
    assertThat(scene.target.isClosed()).isTrue();
    assertThat(scene.target.saved().consistent()).isFalse();
    assertThat(scene.target.saved().commitTs()).isEqualTo(first);
  }

  /** The listener is called on the thread that was interrupted, when the item is there. */
  @Test
  void acknowledgement_on_an_interrupted_thread_is_saved_and_heard_of() throws Exception {
    Pipeline pipeline = start();
    scene.target.atSubmit(() -> Thread.currentThread().interrupt());
    Tso only = send();
    await().until(() -> scene.target.acknowledged().equals(only));
    var unused = pipeline.stop(SHORT);
    assertThat(scene.target.saved().commitTs()).isEqualTo(only);
    assertThat(heard).containsExactly(only);
  }
}
