package org.tidbbinlog.drainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

    Checkpoint last() {
      return saved.get(saved.size() - 1);
    }

    @Override
    public Optional<Checkpoint> load() {
      return Optional.empty();
    }

    @Override
    public void save(Checkpoint checkpoint) {
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
    private Instant now = Instant.EPOCH;

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
    public void sleep(Duration duration) {
      pass(duration);
    }
  }
}
