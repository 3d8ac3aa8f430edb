package org.tidbbinlog.tools.differ;

import java.sql.SQLException;
import java.util.Optional;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.soak.SeedWorker;

/** Takes cases one after the other on a server of its own. */
record CaseWorker(Differ differ, DifferSummary summary) implements SeedWorker {
  static CaseWorker open(Optional<TargetAddress> target, DifferSummary summary)
      throws SQLException {
    return new CaseWorker(Differ.open(target, Differ.Telling.STORY), summary);
  }

  @Override
  public boolean run(long seed) throws SQLException, InterruptedException {
    summary.add(differ.run(seed));
    return true;
  }

  @Override
  public void close() {
    try {
      differ.close();
    } catch (SQLException e) {
      throw new IllegalStateException("closing the target", e);
    }
  }
}
