package org.tidbbinlog.playground;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.replay.Replay;
import org.tidbbinlog.tools.replay.ReplayOptions;
import org.tidbbinlog.tools.stage.Stage;

/** A recorded cluster plays again. */
final class CapturedSource implements Source {
  private final Replay replay;
  private final List<Long> commits = Collections.synchronizedList(new ArrayList<>());
  private volatile String lastDdl = "";

  private CapturedSource(Replay replay) {
    this.replay = replay;
  }

  static CapturedSource open(ReplayOptions options) {
    CapturedSource source = new CapturedSource(Replay.open(options));
    source.replay.onCommit(
        (binlog, commitTs) -> {
          source.commits.add(commitTs.value());
          if (binlog.isDdl()) {
            source.lastDdl = binlog.ddlQuery().utf8();
          }
        });
    return source;
  }

  @Override
  public Stage stage() {
    return replay.stage();
  }

  @Override
  public void start() throws InterruptedException {
    replay.startWriting();
  }

  @Override
  public void startDrainer() throws InterruptedException {
    replay.startDrainer();
  }

  @Override
  public long committed() {
    return commits.size();
  }

  @Override
  public long rolledBack() {
    return 0;
  }

  @Override
  public Tso lastCommitTs() {
    return committed() == 0 ? Tso.ZERO : new Tso(commits.get(commits.size() - 1));
  }

  @Override
  public long committedUpTo(Tso checkpoint) {
    return CommitCounts.upTo(commits, checkpoint);
  }

  @Override
  public String lastDdl() {
    return lastDdl;
  }

  @Override
  public void finish() {}

  @Override
  public boolean isFinished() {
    return replay.isWritten();
  }

  @Override
  public Optional<ComparisonReport> compare() {
    return replay.compare();
  }

  @Override
  public void close() {
    replay.close();
  }
}
