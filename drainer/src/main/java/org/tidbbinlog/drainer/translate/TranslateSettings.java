package org.tidbbinlog.drainer.translate;

import java.util.Set;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * @param ignoredCommitTs {@code ignore-txn-commit-ts}: binlogs of which the target gets nothing;
 *     the schema still follows those that are DDL
 * @param ddlExecution what {@code sync-ddl} says
 * @param eagerBytes payloads up to this size are decoded ahead; larger ones while they are applied
 * @param loopback which marked transactions are not sent on
 */
public record TranslateSettings(
    Set<Tso> ignoredCommitTs, SinkItem.Execution ddlExecution, int eagerBytes, Loopback loopback) {
  public static final TranslateSettings DEFAULT =
      new TranslateSettings(Set.of(), SinkItem.Execution.EXECUTE, 256 << 10);

  public TranslateSettings {
    ignoredCommitTs = Set.copyOf(ignoredCommitTs);
  }

  public TranslateSettings(
      Set<Tso> ignoredCommitTs, SinkItem.Execution ddlExecution, int eagerBytes) {
    this(ignoredCommitTs, ddlExecution, eagerBytes, Loopback.OFF);
  }
}
