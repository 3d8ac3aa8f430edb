package org.tidbbinlog.drainer.translate;

import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_SCHEMA;
import static org.tidbbinlog.codec.ddl.DdlAction.CREATE_TABLE;
import static org.tidbbinlog.drainer.Schemas.db;
import static org.tidbbinlog.drainer.Schemas.table;

import java.time.Duration;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.drainer.Schemas;

/**
 * A database {@code d} with a table {@code t} of the columns {@code a} and {@code b}, and single
 * binlogs of it, each a second after the one before.
 */
final class SmallUpstream {
  private static final long SECOND = 1000L << Tso.LOGICAL_BITS;

  private final Schemas schemas = new Schemas();
  private long now = 1000 * SECOND;

  SmallUpstream() {
    schemas.job(CREATE_SCHEMA, 10, 0).db(db(10, "d")).query("create database d").done();
    schemas
        .job(CREATE_TABLE, 10, 11)
        .table(table(11, "t", "a", "b"))
        .query("create table t")
        .done();
  }

  Schemas schemas() {
    return schemas;
  }

  Tso now() {
    return new Tso(now);
  }

  void pass(Duration time) {
    now += time.toMillis() << Tso.LOGICAL_BITS;
  }

  byte[] fake() {
    return Binlog.fake(new Tso(now)).encode();
  }

  Binlog insert(long tableId, long a, long b) {
    return dml(
        new PrewriteValueBuilder(schemas.version()).insert(tableId, insertRow(a, b)).toBytes());
  }

  Binlog update(long tableId, long a) {
    return dml(
        new PrewriteValueBuilder(schemas.version())
            .update(tableId, concat(rowOf(a), rowOf(a)))
            .toBytes());
  }

  Binlog dml(byte[] value) {
    now += SECOND;
    Binlog prewrite = Binlog.prewrite(new Tso(now), Payload.EMPTY, Payload.of(value));
    return prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(now + 1)));
  }

  Binlog ddl(DdlJob job, int schemaState) {
    return ddl(job.id(), job.query(), schemaState);
  }

  Binlog ddl(long jobId, String query, int schemaState) {
    now += SECOND;
    Binlog prewrite =
        Binlog.prewriteDdl(new Tso(now), Payload.EMPTY, Payload.ofUtf8(query), jobId, schemaState);
    return prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(now + 1)));
  }

  /** A row v1: column ids from 1 with signed values. */
  static byte[] rowOf(long... values) {
    ByteWriter out = new ByteWriter(32);
    for (int i = 0; i < values.length; i++) {
      out.u8(8).uvarint((i + 1) * 2L).u8(8).uvarint(values[i] * 2);
    }
    return out.toBytes();
  }

  /** The hidden row id before the row. */
  static byte[] insertRow(long... values) {
    return concat(new byte[] {8, 2}, rowOf(values));
  }

  static byte[] concat(byte[] one, byte[] other) {
    byte[] both = new byte[one.length + other.length];
    System.arraycopy(one, 0, both, 0, one.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
