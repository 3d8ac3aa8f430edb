package org.tidbbinlog.playground;

import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.stage.Stage;

/** What writes the binlogs of a playground, and knows what the target must hold in the end. */
interface Source extends AutoCloseable {
  Stage stage();

  /** Starts to write; Pumps and Drainer are there. */
  void start() throws InterruptedException;

  /** Admits a Drainer and answers the timestamp it starts from. */
  void startDrainer() throws InterruptedException;

  /** Transactions committed so far. */
  long committed();

  /** Transactions rolled back so far. */
  long rolledBack();

  /** Commit timestamp of the newest committed transaction. */
  Tso lastCommitTs();

  /** How many transactions have a commit timestamp up to {@code checkpoint}. */
  long committedUpTo(Tso checkpoint);

  /** Text of the newest DDL, empty before the first. */
  String lastDdl();

  /** Stops writing after what has begun; {@link #isFinished} becomes true. */
  void finish();

  /** Everything is written; throws what made that impossible. */
  boolean isFinished();

  /** Compares the target with the truth; empty when the truth is not known. */
  Optional<ComparisonReport> compare();

  @Override
  void close();
}
