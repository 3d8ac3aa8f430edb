package org.tidbbinlog.sinks.mysql;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.filter.Loopback;

/**
 * Everything configurable about a MySQL-family target. Start with {@link #of} and change parts with
 * {@code with...}. Source: drainer sections 2.1 and 2.3.
 *
 * @param ledgerSchema database of the checkpoint and the ledger, {@code tidb_binlog} by default
 * @param loopback what each transaction is marked with
 * @param keepDropped how long dropped and truncated tables are kept aside; zero: not at all
 */
public record MysqlTargetSettings(
    Endpoint endpoint,
    Session session,
    Apply apply,
    String ledgerSchema,
    Loopback loopback,
    Duration keepDropped) {

  /** Where the server is and who we are there; credentials never become part of a URL. */
  public record Endpoint(String host, int port, String user, String password, Tls tls) {
    @Override
    public String toString() {
      return user + "@" + host + ":" + port;
    }
  }

  /**
   * Encryption; off when {@code caPath} is empty.
   *
   * @param caPath PEM file of the certificates to trust
   * @param certPath PEM file of our own certificate, may be empty
   * @param keyPath PEM file of our own key, may be empty
   * @param allowedCommonNames when not empty, the server's verified certificate chain must carry
   *     one of them
   */
  public record Tls(
      String caPath, String certPath, String keyPath, List<String> allowedCommonNames) {
    public static final Tls OFF = new Tls("", "", "", List.of());

    public Tls {
      allowedCommonNames = List.copyOf(allowedCommonNames);
    }

    public boolean isOn() {
      return !caPath.isEmpty();
    }
  }

  /**
   * What sessions are like.
   *
   * @param sqlMode for DDL; empty: one that takes what upstream took
   * @param params session variables set on every connection
   * @param readTimeout of a row statement; DDL has none
   */
  public record Session(String sqlMode, Map<String, String> params, Duration readTimeout) {
    public Session {
      params = Map.copyOf(params);
    }
  }

  /**
   * How rows are applied.
   *
   * @param txnBatch rows in one target transaction at most
   * @param maxInFlightBytes bound of the memory that accepted but unacknowledged rows hold (I10)
   * @param retryLimit how long a passing fault of the target is waited for before the sink stops
   */
  public record Apply(
      int workerCount,
      int txnBatch,
      Dispatch dispatch,
      Detection detection,
      SafeMode safeMode,
      Columns columns,
      OnDivergence onDivergence,
      long maxInFlightBytes,
      Duration retryLimit) {
    public Apply {
      if (workerCount < 1 || workerCount > 1024) {
        throw new OperatorException(
            "worker-count must be between 1 and 1024, it is " + workerCount);
      }
      if (txnBatch < 1) {
        throw new OperatorException("txn-batch must be at least 1, it is " + txnBatch);
      }
    }
  }

  /** What becomes one target transaction. */
  public enum Dispatch {
    /** Rows are spread over the workers; upstream transactions are not kept together. */
    ROWS,
    /** One upstream transaction is one target transaction; one worker. */
    TRANSACTIONS
  }

  /** Whether rows that share a key keep their order. Off only where the user knows they do not. */
  public enum Detection {
    ON,
    OFF
  }

  /** Whether rows are written so that writing them again does no harm. */
  public enum SafeMode {
    OFF,
    ON
  }

  /** {@code sync-mode}: full (0, 1) or partial (2) columns. */
  public enum Columns {
    FULL,
    PARTIAL
  }

  /** What to do when a statement's row count contradicts the row images. */
  public enum OnDivergence {
    WARN,
    STOP
  }

  public static MysqlTargetSettings of(String host, int port, String user, String password) {
    return new MysqlTargetSettings(
        new Endpoint(host, port, user, password, Tls.OFF),
        new Session("", Map.of(), Duration.ofMinutes(1)),
        new Apply(
            16,
            20,
            Dispatch.ROWS,
            Detection.ON,
            SafeMode.OFF,
            Columns.FULL,
            OnDivergence.WARN,
            64L << 20,
            Duration.ofMinutes(5)),
        "tidb_binlog",
        Loopback.OFF,
        Duration.ZERO);
  }

  public MysqlTargetSettings withEndpoint(Endpoint newEndpoint) {
    return new MysqlTargetSettings(
        newEndpoint, session, apply, ledgerSchema, loopback, keepDropped);
  }

  public MysqlTargetSettings withSession(Session newSession) {
    return new MysqlTargetSettings(
        endpoint, newSession, apply, ledgerSchema, loopback, keepDropped);
  }

  public MysqlTargetSettings withApply(Apply newApply) {
    return new MysqlTargetSettings(
        endpoint, session, newApply, ledgerSchema, loopback, keepDropped);
  }

  public MysqlTargetSettings withLedgerSchema(String newSchema) {
    return new MysqlTargetSettings(endpoint, session, apply, newSchema, loopback, keepDropped);
  }

  public MysqlTargetSettings withLoopback(Loopback newLoopback) {
    return new MysqlTargetSettings(
        endpoint, session, apply, ledgerSchema, newLoopback, keepDropped);
  }

  public MysqlTargetSettings withKeepDropped(Duration howLong) {
    return new MysqlTargetSettings(endpoint, session, apply, ledgerSchema, loopback, howLong);
  }

  public MysqlTargetSettings withWorkers(int workerCount, int txnBatch) {
    return withApply(
        new Apply(
            workerCount,
            txnBatch,
            apply.dispatch,
            apply.detection,
            apply.safeMode,
            apply.columns,
            apply.onDivergence,
            apply.maxInFlightBytes,
            apply.retryLimit));
  }

  public MysqlTargetSettings withDispatch(Dispatch dispatch, Detection detection) {
    return withApply(
        new Apply(
            apply.workerCount,
            apply.txnBatch,
            dispatch,
            detection,
            apply.safeMode,
            apply.columns,
            apply.onDivergence,
            apply.maxInFlightBytes,
            apply.retryLimit));
  }

  public MysqlTargetSettings withModes(SafeMode safeMode, Columns columns, OnDivergence policy) {
    return withApply(
        new Apply(
            apply.workerCount,
            apply.txnBatch,
            apply.dispatch,
            apply.detection,
            safeMode,
            columns,
            policy,
            apply.maxInFlightBytes,
            apply.retryLimit));
  }

  public MysqlTargetSettings withLimits(long maxInFlightBytes, Duration retryLimit) {
    return withApply(
        new Apply(
            apply.workerCount,
            apply.txnBatch,
            apply.dispatch,
            apply.detection,
            apply.safeMode,
            apply.columns,
            apply.onDivergence,
            maxInFlightBytes,
            retryLimit));
  }

  /** One worker when upstream transactions are kept together. */
  public int effectiveWorkers() {
    return apply.dispatch == Dispatch.TRANSACTIONS ? 1 : apply.workerCount;
  }
}
