package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.tidbbinlog.base.RetryableException;
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

/**
 * Meta keys read from TiKV. TiKV may answer wrongly, not with an error, behind the GC safe point:
 * so PD's safe point is compared before and after a snapshot is read. Source: ddl-meta sections 6
 * and 7, tikv-access hazard 16.
 */
public final class TikvSchemaSource implements SchemaSource {
  private final TikvClient tikv;
  private final int pageSize;

  /** {@code pageSize}: keys a scan request; jobs and wide tables can be large. */
  public TikvSchemaSource(TikvClient tikv, int pageSize) {
    this.tikv = tikv;
    this.pageSize = pageSize;
  }

  @Override
  public SchemaDump snapshotAt(Tso ts) throws InterruptedException {
    requireReadable(ts);
    try {
      long version = schemaVersion(ts);
      List<DatabaseDump> databases = new ArrayList<>();
      for (DbInfo db : databases(ts)) {
        databases.add(new DatabaseDump(db, tables(db, ts)));
      }
      requireReadable(ts);
      return new SchemaDump(ts, version, databases);
    } catch (BehindSafePointException e) {
      throw tooOld(ts, e);
    }
  }

  @Override
  public Iterator<DdlJob> historyAt(Tso ts) {
    return new History(scan(MetaKey.jobHistory(), ts));
  }

  @Override
  public Optional<DdlJob> job(long jobId, Tso ts) throws InterruptedException {
    return get(MetaKey.job(jobId), ts).map(json -> DdlJobJson.parse(json.toByteArray()));
  }

  private void requireReadable(Tso ts) throws InterruptedException {
    Tso safePoint = tikv.pd().gcSafePoint();
    if (ts.isBefore(safePoint)) {
      throw new SnapshotTooOldException(ts, safePoint);
    }
  }

  private SnapshotTooOldException tooOld(Tso ts, BehindSafePointException cause)
      throws InterruptedException {
    SnapshotTooOldException tooOld = new SnapshotTooOldException(ts, tikv.pd().gcSafePoint());
    tooOld.addSuppressed(cause);
    return tooOld;
  }

  private long schemaVersion(Tso ts) throws InterruptedException {
    return get(MetaKey.schemaVersion(), ts)
        .map(text -> Long.parseLong(text.toString(StandardCharsets.US_ASCII).trim()))
        .orElse(0L);
  }

  private List<DbInfo> databases(Tso ts) throws InterruptedException {
    List<DbInfo> found = new ArrayList<>();
    PrefixScan scan = scan(MetaKey.databases(), ts);
    while (!scan.isDone()) {
      for (TikvSnapshot.Pair pair : scan.nextPage()) {
        if (field(pair).startsWith("DB:")) {
          found.add(DbInfoJson.parse(pair.value().toByteArray()));
        }
      }
    }
    found.sort(Comparator.comparingLong(DbInfo::id));
    return found;
  }

  private List<TableInfo> tables(DbInfo db, Tso ts) throws InterruptedException {
    List<TableInfo> found = new ArrayList<>();
    PrefixScan scan = scan(MetaKey.tablesOf(db.id()), ts);
    while (!scan.isDone()) {
      for (TikvSnapshot.Pair pair : scan.nextPage()) {
        if (MetaKey.decode(pair.key().asReadOnlyByteBuffer()).isTable()) {
          found.add(TableInfoJson.parse(pair.value().toByteArray()));
        }
      }
    }
    found.sort(Comparator.comparingLong(TableInfo::id));
    return found;
  }

  private static String field(TikvSnapshot.Pair pair) {
    return MetaKey.decode(pair.key().asReadOnlyByteBuffer()).fieldText();
  }

  private Optional<ByteString> get(MetaKey key, Tso ts) throws InterruptedException {
    return tikv.snapshot().get(ByteString.copyFrom(key.encode()), ts);
  }

  private PrefixScan scan(MetaKey prefix, Tso ts) {
    return tikv.scan(ByteString.copyFrom(prefix.encode()), ts, pageSize);
  }

  /** Jobs of the history, one page in memory at a time. */
  private static final class History implements Iterator<DdlJob> {
    private final PrefixScan scan;
    private final Deque<ByteString> page = new ArrayDeque<>();

    History(PrefixScan scan) {
      this.scan = scan;
    }

    @Override
    public boolean hasNext() {
      try {
        while (page.isEmpty() && !scan.isDone()) {
          scan.nextPage().forEach(pair -> page.add(pair.value()));
        }
        return !page.isEmpty();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RetryableException("interrupted while reading the DDL history", e);
      }
    }

    @Override
    public DdlJob next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return DdlJobJson.parse(page.remove().toByteArray());
    }
  }
}
