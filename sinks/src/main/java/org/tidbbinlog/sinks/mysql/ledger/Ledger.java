package org.tidbbinlog.sinks.mysql.ledger;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.ResumeFrom;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * What of the stream is in the target already, kept in the target and changed in the same
 * transactions as the rows (I7). One Drainer owns it: a named lock keeps a second one from
 * starting, a fencing number in every slot keeps one that lost the lock from committing. It is
 * believed only when its saved checkpoint is the one we resume from; otherwise somebody else moved
 * the checkpoint and rows are written in safe mode until the time of the start has passed.
 * Thread-safe.
 */
public final class Ledger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

  /** Who wrote before may still send what it had under way. */
  private static final Duration RESERVE = Duration.ofSeconds(10);

  private final LedgerTable table;
  private final long owner;
  private final LedgerLock lock;
  private final String ddlLock;
  private final AppliedRows recovered = new AppliedRows();
  private final Tso recoveredWatermark;
  private final Tso recoveredUpTo;
  private final Tso safeModeUntil;
  private final Queue<LedgerSlot> free = new ArrayDeque<>();
  private final PriorityQueue<LedgerSlot> held =
      new PriorityQueue<>(Comparator.comparing(LedgerSlot::maxTs));
  private int nextSlot = 1;
  private volatile Tso durableWatermark;
  private volatile DdlMark lastDdl;

  private Ledger(
      LedgerTable table,
      LedgerLock lock,
      String ddlLock,
      long owner,
      List<LedgerTable.Row> rows,
      Tso resumeFrom,
      Tso safeModeUntil) {
    this.table = table;
    this.lock = lock;
    this.ddlLock = ddlLock;
    this.owner = owner;
    this.safeModeUntil = safeModeUntil;
    LedgerTable.Row control = rows.get(0);
    this.lastDdl =
        DdlMark.decode(
            control.seq(), control.maxTs(), new String(control.applied(), StandardCharsets.UTF_8));
    Tso watermark = resumeFrom.max(beforeDdl(lastDdl));
    for (LedgerTable.Row row : rows) {
      if (row.slot() > 0) {
        watermark = watermark.max(row.lowWatermark());
        recovered.addAll(AppliedRows.decode(row.applied()));
        held.add(new LedgerSlot(row.slot(), row.seq(), row.maxTs()));
        nextSlot = Math.max(nextSlot, row.slot() + 1);
      }
    }
    recovered.forgetUpTo(watermark);
    this.recoveredWatermark = watermark;
    this.recoveredUpTo = watermark.max(recovered.last()).max(lastDdl.commitTs());
    this.durableWatermark = watermark;
  }

  /** A DDL runs when all before it is applied. */
  private static Tso beforeDdl(DdlMark mark) {
    return switch (mark.state()) {
      case NONE -> Tso.ZERO;
      case STARTED, HELD -> new Tso(mark.commitTs().value() - 1);
      case DONE -> mark.commitTs();
    };
  }

  /**
   * Takes the ledger over.
   *
   * @throws OperatorException when another Drainer holds it
   */
  public static Ledger open(
      TargetConnector connector, long clusterId, ResumeFrom resume, Clock clock) {
    String schema = connector.settings().ledgerSchema();
    LedgerTable table = new LedgerTable(schema, clusterId);
    try {
      SqlSession session = connector.open();
      try {
        session.execute("create database if not exists " + SqlText.name(schema));
        session.execute(LedgerTable.createTable(schema));
        LedgerLock lock =
            LedgerLock.take(session, connector, lockName(schema, clusterId, ""), clock);
        String ddlLock = lockName(schema, clusterId, ".ddl");
        return takeOver(table, connector, lock, ddlLock, session, resume);
      } catch (SQLException | RuntimeException e) {
        session.close();
        throw e;
      }
    } catch (SQLException e) {
      throw TargetFault.of(e) == TargetFault.CONTENTION
          ? stillOpen(connector, e)
          : TargetConnector.refused(connector.settings(), e);
    }
  }

  /** What has passed the fencing check may still commit, so the ledger waits for it. */
  private static OperatorException stillOpen(TargetConnector connector, SQLException error) {
    return new OperatorException(
        "the Drainer that wrote to target "
            + connector.settings().endpoint()
            + " before still has a transaction open there ("
            + TargetFault.brief(error)
            + "): end its process, or KILL its connections there, then start again; the server ends"
            + " a connection whose client is gone after "
            + connector.waitTimeout().toSeconds()
            + " seconds",
        error);
  }

  private static String lockName(String schema, long clusterId, String use) {
    return SqlText.string(schema + "." + Long.toUnsignedString(clusterId) + use);
  }

  private static Ledger takeOver(
      LedgerTable table,
      TargetConnector connector,
      LedgerLock lock,
      String ddlLock,
      SqlSession session,
      ResumeFrom resume)
      throws SQLException {
    Tso from = resume.commitTsExclusive();
    session.execute("begin");
    List<LedgerTable.Row> rows = table.readAll(session, "for update");
    boolean known = !rows.isEmpty() && rows.get(0).slot() == 0;
    boolean believed = known && fits(table, session, rows.get(0).lowWatermark(), resume, connector);
    long owner = known ? rows.get(0).owner() + 1 : 1;
    if (!known) {
      session.execute(table.insertControl(owner, from));
    } else if (believed) {
      session.execute(table.takeOver(owner));
      session.execute(table.saveCheckpoint(from));
    } else {
      session.execute(table.wipe(owner));
      session.execute(table.saveCheckpoint(from));
    }
    Tso foreign = !believed && mayOverlap(rows, resume) ? Tso.MAX : table.readOverlap(session);
    Tso safeUntil =
        foreign.isAfter(from) ? foreign.min(withReserve(resume.upstreamNow())) : Tso.ZERO;
    if (!safeUntil.isZero()) {
      session.execute(table.saveOverlap(safeUntil)); // A crash before then changes nothing of it.
    }
    session.execute("commit");
    Ledger ledger =
        new Ledger(table, lock, ddlLock, owner, table.readAll(session, ""), from, safeUntil);
    LOG.atInfo()
        .addKeyValue("owner", owner)
        .addKeyValue("resume-from", from)
        .addKeyValue("low-watermark", ledger.recoveredWatermark)
        .addKeyValue("partly-applied", ledger.recovered.transactions())
        .addKeyValue("safe-mode-until", safeUntil)
        .log("ledger opened");
    return ledger;
  }

  /** By upstream's clock, which commit timestamps come from; the host's may say anything. */
  private static Tso withReserve(Tso upstreamNow) {
    return upstreamNow.equals(Tso.MAX) ? Tso.MAX : Tso.at(upstreamNow.instant().plus(RESERVE));
  }

  /**
   * Whether rows behind the checkpoint may be in the target, though the ledger does not say which:
   * not where an orderly exit of another program left it ahead of all that was done here.
   */
  private static boolean mayOverlap(List<LedgerTable.Row> rows, ResumeFrom resume) {
    Tso from = resume.commitTsExclusive();
    return switch (resume.origin()) {
      case INITIAL -> !rows.isEmpty();
      case COMPLETE ->
          rows.stream()
              .anyMatch(row -> row.lowWatermark().isAfter(from) || row.maxTs().isAfter(from));
      case CHECKPOINT, ELSEWHERE -> true;
    };
  }

  /** Whether the checkpoint we resume from is one that this ledger saw stored. */
  private static boolean fits(
      LedgerTable table,
      SqlSession session,
      Tso stored,
      ResumeFrom resume,
      TargetConnector connector)
      throws SQLException {
    Tso from = resume.commitTsExclusive();
    if (resume.origin() != ResumeFrom.Origin.ELSEWHERE) {
      return stored.equals(from);
    }
    Optional<LedgerTable.Twin> twin = table.readTwin(session);
    if (twin.isEmpty() || !twin.get().id().equals(resume.ledgerId())) {
      return false;
    }
    Tso newest = stored.max(twin.get().next());
    if (from.isAfter(newest)) {
      throw new OperatorException(
          "the checkpoint says that everything up to "
              + from
              + " is at target "
              + connector.settings().endpoint()
              + ", but the ledger there knows of nothing behind "
              + newest
              + ": was the target put back to an older state? Set the commitTS of the checkpoint to"
              + " the time of that state, or bring the target up to date and remove \"ledger\" from"
              + " the checkpoint row");
    }
    return stored.equals(from) || twin.get().next().equals(from);
  }

  /**
   * After connections were lost: takes the named lock again if it went with them.
   *
   * @throws SQLException also when the lock cannot be had now; try again
   * @throws OperatorException when another Drainer took over
   */
  public void keepLock() throws SQLException {
    lock.keep(this::isOurs);
  }

  /**
   * Keeps the lock's connection alive from here on.
   *
   * @param onFenced told when another Drainer took over, from a thread of its own
   */
  public void keepAlive(Consumer<Throwable> onFenced) {
    lock.keepAlive(this::isOurs, onFenced);
  }

  private boolean isOurs(SqlSession by) throws SQLException {
    List<List<String>> control = table.ownerAndSeq(by, 0);
    return !control.isEmpty() && Long.parseLong(control.get(0).get(0)) == owner;
  }

  /** Rows above the watermark that are in the target already; read-only after start. */
  public AppliedRows recovered() {
    return recovered;
  }

  /** Everything up to here is in the target. */
  public Tso recoveredWatermark() {
    return recoveredWatermark;
  }

  /** Nothing behind this had come to the target when the ledger was opened, as far as it tells. */
  public Tso recoveredUpTo() {
    return recoveredUpTo;
  }

  /** Rows up to here may have been applied by somebody who kept no ledger. */
  public Tso safeModeUntil() {
    return safeModeUntil;
  }

  /** The newest mark of a DDL: of this life, or of an earlier one. */
  public DdlMark lastDdl() {
    return lastDdl;
  }

  /** PD cluster id of the upstream. */
  public long clusterId() {
    return table.clusterId();
  }

  long owner() {
    return owner;
  }

  LedgerTable table() {
    return table;
  }

  Tso durableWatermark() {
    return durableWatermark;
  }

  synchronized void noteDurable(Tso watermark) {
    durableWatermark = durableWatermark.max(watermark);
  }

  /** A slot that holds nothing that is still needed. */
  synchronized LedgerSlot acquire(SqlSession by) throws SQLException {
    while (!held.isEmpty() && !held.element().maxTs().isAfter(durableWatermark)) {
      free.add(held.remove());
    }
    LedgerSlot reused = free.poll();
    if (reused != null) {
      return reused;
    }
    int number = nextSlot++;
    if (by.executeAll(table.insertSlot(number, owner)).get(0) != 1) {
      throw fenced();
    }
    return new LedgerSlot(number, 0, Tso.ZERO);
  }

  synchronized void release(LedgerSlot slot) {
    held.add(slot);
  }

  /** Records that a DDL is about to run, or has run; durable when this returns. */
  public void markDdl(SqlSession by, DdlMark mark) throws SQLException {
    if (by.executeAll(table.markDdl(owner, mark)).get(0) != 1) {
      throw fenced();
    }
    lastDdl = mark;
  }

  /** Name of the lock that one DDL connection holds, as a literal. */
  public String ddlLock() {
    return ddlLock;
  }

  /** Somebody else became the owner. */
  static OperatorException fenced() {
    return new OperatorException(
        "another Drainer has taken over this target; this one stops and has written nothing more");
  }

  /** Whether the error is a failed compare and swap. */
  public static boolean isGuard(SQLException error) {
    String text = error.getMessage();
    return text != null && text.contains(LedgerTable.GUARD);
  }

  @Override
  public void close() {
    lock.close();
  }
}
