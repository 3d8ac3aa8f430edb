package org.tidbbinlog.drainer.server;

import java.nio.file.Path;
import org.tidbbinlog.drainer.checkpoint.FirstStart;
import org.tidbbinlog.drainer.pipeline.Pipeline;
import org.tidbbinlog.drainer.schema.SchemaStart;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.source.SourceSettings;
import org.tidbbinlog.drainer.source.SpillFolder;

/** From settings to the stations' plan. */
final class PipelinePlan {
  private static final int SPILL_THRESHOLD_BYTES = 4 << 20;

  private PipelinePlan() {}

  static Pipeline.Plan of(
      DrainerSettings settings, long clusterId, Path dataDir, FirstStart firstStart) {
    DrainerSettings.Syncer syncer = settings.syncer();
    return new Pipeline.Plan(
        firstStart,
        settings.node().detectInterval(),
        SourceSettings.of(clusterId, settings.node().compression(), spill(dataDir)),
        switch (syncer.schemaLoad()) {
          case SNAPSHOT_ELSE_HISTORY -> SchemaStart.Way.SNAPSHOT_ELSE_HISTORY;
          case SNAPSHOT_ONLY -> SchemaStart.Way.SNAPSHOT_ONLY;
        },
        syncer.unknownActions(),
        syncer.filter(),
        syncer.ignoredCommitTs(),
        switch (syncer.syncDdl()) {
          case EXECUTE -> SinkItem.Execution.EXECUTE;
          case SKIP -> SinkItem.Execution.FORGET_ONLY;
        },
        syncer.loopback(),
        syncer.queueCapacity());
  }

  /** The data directory is locked by now. */
  private static SpillFolder spill(Path dataDir) {
    SpillFolder folder = new SpillFolder(dataDir.resolve("spill"), SPILL_THRESHOLD_BYTES);
    folder.clean();
    return folder;
  }
}
