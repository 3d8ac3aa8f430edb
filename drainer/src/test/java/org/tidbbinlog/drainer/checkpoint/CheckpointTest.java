package org.tidbbinlog.drainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;

class CheckpointTest {
  private final Path folder;
  private final Ticking clock = new Ticking();
  private final Remembering store = new Remembering();

  CheckpointTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void savepoint_of_every_era_is_read() throws IOException {
    Path file = folder.resolve("savepoint");
    FileCheckpointStore savepoint = new FileCheckpointStore(file);
    assertThat(savepoint.load()).isEmpty();
    Files.writeString(file, "commitTS = 470643042433728368\n");
    assertThat(savepoint.load().orElseThrow().commitTs()).isEqualTo(new Tso(470643042433728368L));
    Files.writeString(file, "consistent = true\ncommitTS = 7\nschema-version = 3\n");
    assertThat(savepoint.load()).contains(new Checkpoint(true, new Tso(7), Map.of(), 3));
    Files.writeString(file, "commitTS = 0\n");
    assertThat(savepoint.load()).isEmpty();
    Files.writeString(file, "commitTS = \n");
    assertThatThrownBy(savepoint::load)
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("is damaged");
  }

  @Test
  void saved_file_has_the_originals_keys_in_their_order() throws IOException {
    Path file = folder.resolve("savepoint");
    FileCheckpointStore savepoint = new FileCheckpointStore(file);
    savepoint.save(new Checkpoint(false, new Tso(9), Map.of(), 4));
    assertThat(Files.readString(file))
        .isEqualTo("consistent = false\ncommitTS = 9\nschema-version = 4\n");
    assertThat(folder.toFile().list()).containsExactly("savepoint");
  }

  @Test
  @DisplayName("drainer fact 11: heartbeats move the checkpoint, at most every 3 s")
  void progress_is_saved_when_three_seconds_have_passed() throws Exception {
    CheckpointKeeper keeper = keeper(Optional.empty());
    keeper.acknowledged(progress(10));
    assertThat(store.saved).isEmpty();
    clock.pass(Duration.ofSeconds(4));
    keeper.acknowledged(progress(20));
    keeper.acknowledged(progress(30));
    assertThat(store.saved).extracting(saved -> saved.commitTs().value()).containsExactly(20L);
    clock.pass(Duration.ofSeconds(4));
    keeper.maybeSave();
    keeper.maybeSave();
    assertThat(store.saved).extracting(saved -> saved.commitTs().value()).containsExactly(20L, 30L);
  }

  @Test
  @DisplayName("drainer fact 13: consistent only after a clean stop")
  void checkpoint_is_consistent_only_after_an_orderly_end() throws Exception {
    CheckpointKeeper keeper = keeper(Optional.of(new Checkpoint(true, new Tso(5), Map.of(), 2)));
    keeper.begin();
    assertThat(store.last().consistent()).isFalse();
    keeper.acknowledged(progress(10));
    keeper.finish(CheckpointKeeper.Ending.ORDERLY);
    assertThat(store.last()).isEqualTo(new Checkpoint(true, new Tso(10), Map.of(), 3));
  }

  @Test
  @DisplayName("drainer fact 7: a start taken from the clock is kept before anything is applied")
  void first_start_is_saved_at_once_and_a_start_from_zero_is_not() throws Exception {
    keeper(Optional.empty()).begin();
    assertThat(store.saved).containsExactly(new Checkpoint(false, new Tso(1), Map.of(), 0));
    new CheckpointKeeper(store, Optional.empty(), Tso.ZERO, clock).begin();
    assertThat(store.saved).hasSize(1);
  }

  @Test
  void checkpoint_never_goes_back() throws Exception {
    CheckpointKeeper keeper = keeper(Optional.empty());
    keeper.acknowledged(progress(10));
    assertThatThrownBy(() -> keeper.acknowledged(progress(9)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void five_failed_saves_are_an_error_and_fewer_are_not() throws Exception {
    CheckpointKeeper keeper = keeper(Optional.empty());
    keeper.acknowledged(progress(10));
    store.failures = 4;
    keeper.finish(CheckpointKeeper.Ending.ORDERLY);
    assertThat(store.last().commitTs()).isEqualTo(new Tso(10));
    store.failures = 5;
    assertThatThrownBy(() -> keeper.finish(CheckpointKeeper.Ending.ORDERLY))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("5 tries");
  }

  /** A stop may interrupt whoever acknowledges; what is at the target is there all the same. */
  @Test
  void acknowledgement_of_an_interrupted_thread_counts() throws Exception {
    CheckpointKeeper keeper = keeper(Optional.empty());
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> keeper.acknowledged(progress(10)))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    assertThat(keeper.acknowledgedTs()).isEqualTo(new Tso(10));
    keeper.finish(CheckpointKeeper.Ending.ORDERLY);
    assertThat(store.last()).isEqualTo(new Checkpoint(true, new Tso(10), Map.of(), 3));
  }

  @Test
  void store_away_within_its_patience_is_waited_for() throws Exception {
    store.patience = Duration.ofMinutes(5);
    store.failures = 250;
    CheckpointKeeper keeper = keeper(Optional.empty());
    clock.pass(Duration.ofSeconds(4));
    keeper.acknowledged(progress(10));
    assertThat(store.last().commitTs()).isEqualTo(new Tso(10));
    assertThat(clock.now()).isEqualTo(Instant.EPOCH.plusSeconds(254));
  }

  @Test
  void store_away_beyond_its_patience_is_an_error() {
    store.patience = Duration.ofMinutes(5);
    store.failures = Integer.MAX_VALUE;
    CheckpointKeeper keeper = keeper(Optional.empty());
    clock.pass(Duration.ofSeconds(4));
    assertThatThrownBy(() -> keeper.acknowledged(progress(10)))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("in 301 tries: no");
    assertThat(store.saved).isEmpty();
  }

  @Test
  void store_away_is_told_once_in_ten_seconds() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(SaveTries.class);
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    logger.addAppender(told);
    store.patience = Duration.ofMinutes(5);
    store.failures = 35;
    CheckpointKeeper keeper = keeper(Optional.empty());
    clock.pass(Duration.ofSeconds(4));
    keeper.acknowledged(progress(10));
    logger.detachAppender(told);
    assertThat(told.list)
        .extracting(line -> line.getLevel() + " " + line.getKeyValuePairs().get(1).value)
        .containsExactly("WARN 0s", "WARN 10s", "WARN 20s", "WARN 30s");
  }

  @Test
  void fault_that_does_not_pass_is_an_error_at_once() {
    store.patience = Duration.ofMinutes(5);
    store.refusal = Optional.of(new OperatorException("another Drainer moved it"));
    CheckpointKeeper keeper = keeper(Optional.empty());
    clock.pass(Duration.ofSeconds(4));
    assertThatThrownBy(() -> keeper.acknowledged(progress(10)))
        .hasMessage("another Drainer moved it");
    assertThat(clock.now()).isEqualTo(Instant.EPOCH.plusSeconds(4));
  }

  @Test
  @Timeout(60)
  void end_does_not_wait_for_a_store_that_is_away() throws Exception {
    store.patience = Duration.ofMinutes(5);
    store.failures = Integer.MAX_VALUE;
    CountDownLatch waits = new CountDownLatch(3);
    CheckpointKeeper keeper = keeper(Optional.empty());
    clock.pass(Duration.ofSeconds(4));
    clock.onSleep =
        () -> {
          waits.countDown();
          Thread.sleep(1);
          clock.now = clock.now.minusSeconds(1); // No time passes: it would wait for ever.
        };
    FutureTask<String> waiting =
        new FutureTask<>(
            () -> {
              keeper.acknowledged(progress(10));
              return "returned";
            });
    Thread thread = new Thread(waiting, "waiting");
    thread.start();
    waits.await();
    assertThatThrownBy(() -> keeper.finish(CheckpointKeeper.Ending.RUNNING))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("5 tries");
    assertThat(waiting.get()).isEqualTo("returned");
  }

  private CheckpointKeeper keeper(Optional<Checkpoint> loaded) {
    Tso start = loaded.map(Checkpoint::commitTs).orElse(new Tso(1));
    return new CheckpointKeeper(store, loaded, start, clock);
  }

  private static SinkItem progress(long ts) {
    return new SinkItem.Progress(new Tso(ts), 3, new StageTimes());
  }

  private static final class Remembering implements CheckpointStore {
    private final List<Checkpoint> saved = new ArrayList<>();
    private int failures;
    private Duration patience = Duration.ZERO;
    private Optional<OperatorException> refusal = Optional.empty();

    @Override
    public Duration patience() {
      return patience;
    }

    Checkpoint last() {
      return saved.get(saved.size() - 1);
    }

    @Override
    public Optional<Checkpoint> load() {
      return Optional.empty();
    }

    @Override
    public void save(Checkpoint checkpoint) {
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      if (failures > 0) {
        failures--;
        throw new RetryableException("no");
      }
      saved.add(checkpoint);
    }

    @Override
    public void close() {}
  }

  private static final class Ticking implements Clock {
    private volatile Instant now = Instant.EPOCH;
    private volatile OnSleep onSleep = () -> {};

    private interface OnSleep {
      void run() throws InterruptedException;
    }

    void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public long nanoTime() {
      return Duration.between(Instant.EPOCH, now).toNanos();
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
      pass(duration);
      onSleep.run();
    }
  }
}
