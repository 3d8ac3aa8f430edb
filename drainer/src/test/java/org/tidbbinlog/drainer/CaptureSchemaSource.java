package org.tidbbinlog.drainer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.schema.SnapshotTooOldException;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.MetaPair;

/** A capture's meta space as TiKV would serve it: the newest snapshot only. */
public final class CaptureSchemaSource implements SchemaSource {
  /** Every snapshot before this one is behind the GC safe point. */
  public static final Tso NEWEST = Tso.MAX;

  private final Map<Long, DdlJob> jobs = new TreeMap<>();
  private final Map<Long, DbInfo> databases = new TreeMap<>();
  private final Map<Long, List<TableInfo>> tables = new TreeMap<>();
  private long schemaVersion;

  public CaptureSchemaSource(Capture capture) {
    for (MetaPair pair : capture.meta()) {
      take(MetaKey.decode(ByteBuffer.wrap(pair.key())), pair.value());
    }
  }

  public static Capture capture(String name) {
    return Capture.open(Path.of(System.getProperty("captures.dir", "captures"), name));
  }

  private void take(MetaKey key, byte[] value) {
    if (key.equals(MetaKey.schemaVersion())) {
      schemaVersion = Long.parseLong(new String(value, StandardCharsets.US_ASCII));
    } else if (key.name().equals("DBs")) {
      DbInfo info = DbInfoJson.parse(value);
      databases.put(info.id(), info);
    } else if (key.isTable()) {
      long database = Long.parseLong(key.name().substring("DB:".length()));
      tables.computeIfAbsent(database, id -> new ArrayList<>()).add(TableInfoJson.parse(value));
    } else if (key.name().equals("DDLJobHistory") && key.kind() == MetaKey.Kind.HASH_DATA) {
      DdlJob job = DdlJobJson.parse(value);
      jobs.put(job.id(), job);
    }
  }

  @Override
  public SchemaDump snapshotAt(Tso ts) {
    if (!ts.equals(NEWEST)) {
      throw new SnapshotTooOldException(ts, NEWEST);
    }
    return new SchemaDump(
        ts,
        schemaVersion,
        databases.values().stream()
            .map(info -> new DatabaseDump(info, tables.getOrDefault(info.id(), List.of())))
            .toList());
  }

  @Override
  public Iterator<DdlJob> historyAt(Tso ts) {
    return jobs.values().iterator();
  }

  @Override
  public Optional<DdlJob> job(long jobId, Tso ts) {
    return Optional.ofNullable(jobs.get(jobId));
  }
}
