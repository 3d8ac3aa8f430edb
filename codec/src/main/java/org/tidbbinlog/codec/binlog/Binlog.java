package org.tidbbinlog.codec.binlog;

import java.nio.ByteBuffer;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;

/**
 * One record of TiDB's binlog. Decoding keeps views of the input (also of a mapped file), so the
 * input must stay as it is; encoding gives the bytes the original writes: the five numbers always,
 * the three byte fields when present, then unknown fields as they came.
 *
 * <pre>
 * 08 kind | 10 start | 18 commit | [22 key] | [2a value] | [32 query] | 38 job | 40 state | unknown
 * </pre>
 *
 * Source: pump-protocol sections 3 and 4.
 *
 * @param kind with {@link BinlogKind#UNKNOWN} the number itself leads {@code unknownFields}
 * @param commitTs zero on a prewrite and on TiDB's rollbacks
 * @param prewriteKey primary key of the transaction, a raw TiKV key
 * @param prewriteValue a PrewriteValue message; absent for DDL
 * @param ddlSchemaState number of the job's schema state
 * @param unknownFields encoded fields this version does not know, {@link Payload#ABSENT} when none
 */
public record Binlog(
    BinlogKind kind,
    Tso startTs,
    Tso commitTs,
    Payload prewriteKey,
    Payload prewriteValue,
    Payload ddlQuery,
    long ddlJobId,
    int ddlSchemaState,
    Payload unknownFields) {

  /** Reads the bytes between position and limit; the buffer's position stays. */
  public static Binlog decode(ByteBuffer encoded) {
    return new BinlogReader().read(encoded);
  }

  /** A DML transaction's first record. */
  public static Binlog prewrite(Tso startTs, Payload key, Payload value) {
    return new Binlog(
        BinlogKind.PREWRITE, startTs, Tso.ZERO, key, value, Payload.ABSENT, 0, 0, Payload.ABSENT);
  }

  /** A DDL step's first record. */
  public static Binlog prewriteDdl(
      Tso startTs, Payload key, Payload query, long jobId, int schemaState) {
    return new Binlog(
        BinlogKind.PREWRITE,
        startTs,
        Tso.ZERO,
        key,
        Payload.ABSENT,
        query,
        jobId,
        schemaState,
        Payload.ABSENT);
  }

  /** The second record of a committed transaction, as TiDB sends it: all but the value stays. */
  public static Binlog commitOf(Binlog prewrite, Tso commitTs) {
    return prewrite.finished(BinlogKind.COMMIT, commitTs);
  }

  /** The second record of a failed or undetermined commit, as TiDB sends it. */
  public static Binlog rollbackOf(Binlog prewrite) {
    return prewrite.finished(BinlogKind.ROLLBACK, Tso.ZERO);
  }

  /** A heartbeat: no data, only progress. */
  public static Binlog fake(Tso ts) {
    return new Binlog(
        BinlogKind.ROLLBACK,
        ts,
        ts,
        Payload.ABSENT,
        Payload.ABSENT,
        Payload.ABSENT,
        0,
        0,
        Payload.ABSENT);
  }

  /**
   * The record a Pump delivers for this prewrite and its commit: the commit, completed with the
   * prewrite's data. The key stays what the commit carried.
   */
  public Binlog withCommit(Binlog commit) {
    return new Binlog(
        BinlogKind.COMMIT,
        startTs,
        commit.commitTs,
        commit.prewriteKey,
        prewriteValue,
        ddlQuery,
        ddlJobId,
        ddlSchemaState,
        commit.unknownFields);
  }

  /** The prewrite of this record that a Pump delivered: undoes {@link #withCommit}. */
  public Binlog withoutCommit() {
    return isDdl()
        ? prewriteDdl(startTs, prewriteKey, ddlQuery, ddlJobId, ddlSchemaState)
        : prewrite(startTs, prewriteKey, prewriteValue);
  }

  private Binlog finished(BinlogKind end, Tso ts) {
    return new Binlog(
        end,
        startTs,
        ts,
        prewriteKey,
        Payload.ABSENT,
        ddlQuery,
        ddlJobId,
        ddlSchemaState,
        unknownFields);
  }

  /** No data, only progress: start and commit timestamp are equal and not zero. */
  public boolean isFake() {
    return startTs.equals(commitTs) && !startTs.isZero();
  }

  public boolean isDdl() {
    return ddlJobId > 0;
  }

  public BinlogHeader header() {
    return new BinlogHeader(kind, startTs, commitTs, ddlJobId);
  }

  public int encodedSize() {
    return BinlogWriter.encodedSize(this);
  }

  public byte[] encode() {
    byte[] encoded = new byte[encodedSize()];
    encodeTo(ByteBuffer.wrap(encoded));
    return encoded;
  }

  /** Writes {@link #encodedSize()} bytes at the buffer's position and moves it. */
  public void encodeTo(ByteBuffer out) {
    for (ByteBuffer part : encodedParts()) {
      out.put(part);
    }
  }

  /**
   * The encoded record as consecutive parts, of which the value is a view: for gathering writes of
   * large values.
   */
  public ByteBuffer[] encodedParts() {
    return BinlogWriter.parts(this);
  }
}
