package org.tidbbinlog.codec.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * A DDL job as TiDB keeps it in its history. Source: ddl-meta section 2.
 *
 * @param actionNumber the raw type number, also when {@code action} is {@link DdlAction#UNKNOWN}
 * @param rawArgs positional arguments, meaning depends on the action; JSON null when absent
 * @param query original SQL text
 * @param schemaVersion {@code binlog.SchemaVersion}; 0 for failed jobs
 * @param dbInfo the database the job made or changed, when it names one
 * @param tableInfo the table after the job (before it, for drops), when it names one
 * @param multipleTables tables of rename-tables and create-tables
 * @param zone of the session it was made in, when it tells
 */
public record DdlJob(
    long id,
    DdlAction action,
    int actionNumber,
    long schemaId,
    long tableId,
    String schemaName,
    String tableName,
    JobState state,
    SchemaState schemaState,
    JsonNode rawArgs,
    String query,
    long schemaVersion,
    @Nullable DbInfo dbInfo,
    @Nullable TableInfo tableInfo,
    List<TableInfo> multipleTables,
    long finishedTs,
    @Nullable SessionZone zone) {
  public DdlJob {
    multipleTables = List.copyOf(multipleTables);
  }

  /** One that does not tell its session's zone. */
  public DdlJob(
      long id,
      DdlAction action,
      int actionNumber,
      long schemaId,
      long tableId,
      String schemaName,
      String tableName,
      JobState state,
      SchemaState schemaState,
      JsonNode rawArgs,
      String query,
      long schemaVersion,
      @Nullable DbInfo dbInfo,
      @Nullable TableInfo tableInfo,
      List<TableInfo> multipleTables,
      long finishedTs) {
    this(
        id,
        action,
        actionNumber,
        schemaId,
        tableId,
        schemaName,
        tableName,
        state,
        schemaState,
        rawArgs,
        query,
        schemaVersion,
        dbInfo,
        tableInfo,
        multipleTables,
        finishedTs,
        null);
  }

  /** Done and synced jobs changed the schema; no other job did. */
  public boolean isFinished() {
    return state == JobState.DONE || state == JobState.SYNCED;
  }
}
