package org.tidbbinlog.drainer.airlock;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;

/**
 * Where a sink and the people who look after it meet: the sink says which DDL it holds and waits,
 * somebody chooses, the choice is on the disk before the sink hears of it. A choice outlives the
 * process until its DDL has passed. At most one DDL is held at a time: the first in the stream that
 * cannot go on. Thread-safe.
 *
 * <pre>
 * OPEN ──hold──▶ HELD ──choose──▶ RELEASING ──passed──▶ OPEN
 *                 ▲───────hold────────┘
 * </pre>
 */
public final class DdlAirlock {
  private static final Logger LOG = LoggerFactory.getLogger(DdlAirlock.class);
  private static final Duration TRIED_EVERY = Duration.ofSeconds(1);
  private static final int TOLD_EVERY = 20;

  /** Whether replication goes on as usual. */
  public enum State {
    OPEN,
    HELD,
    /** A choice was made and is being carried out. */
    RELEASING
  }

  /**
   * Who chooses.
   *
   * @param by as they name themselves; may be empty
   * @param from their address
   */
  public record Chooser(String by, String from) {}

  /**
   * Rows of a table that are done without.
   *
   * @param untilExclusive {@link Tso#MAX} while that goes on
   */
  public record LeftOutRows(String table, Tso from, Tso untilExclusive) {
    /** Whether it is these that a transaction brings. */
    public boolean contains(Tso commitTs) {
      return !from.isAfter(commitTs) && untilExclusive.isAfter(commitTs);
    }
  }

  /** The DDL that is held, since when, how often it was tried here, and what is behind it. */
  public record Situation(
      State state, HeldDdl ddl, Instant since, int attempts, StreamBehind behind) {}

  private final OnDdlError policy;
  private final AuditLog audit;
  private final Clock clock;
  private final Consumer<DdlChoice.Action> onChoice;
  private State state = State.OPEN;
  private Optional<HeldDdl> held = Optional.empty();
  private Supplier<StreamBehind> behind = () -> StreamBehind.NOTHING;
  private Optional<RunningDdl> running = Optional.empty();
  private Instant since = Instant.EPOCH;
  private int attempts;

  private DdlAirlock(
      OnDdlError policy, AuditLog audit, Clock clock, Consumer<DdlChoice.Action> onChoice) {
    this.policy = policy;
    this.audit = audit;
    this.clock = clock;
    this.onChoice = onChoice;
  }

  /**
   * @param folder the data directory, locked by this process
   * @throws OperatorException when the audit log there cannot be read
   */
  public static DdlAirlock open(
      Path folder, OnDdlError policy, Clock clock, Consumer<DdlChoice.Action> onChoice) {
    return new DdlAirlock(policy, AuditLog.open(folder), clock, onChoice);
  }

  /** Holds nothing: who is refused stops. */
  public static DdlAirlock stopping(Clock clock) {
    return new DdlAirlock(OnDdlError.STOP, AuditLog.unwritten(), clock, action -> {});
  }

  public OnDdlError policy() {
    return policy;
  }

  // ---- the sink's side

  /** What was chosen for a DDL so far and changes its statements, oldest first. */
  public synchronized List<DdlChoice> choices(Tso commitTs) {
    return open(commitTs).stream()
        .filter(entry -> entry.event().changesTheJob())
        .map(AuditEntry::choice)
        .toList();
  }

  /** What was chosen for what is held there and was not carried out to its end yet. */
  public synchronized Optional<DdlChoice> lastChoice(Tso commitTs) {
    List<AuditEntry> open = open(commitTs);
    int last = open.size() - 1;
    while (last >= 0 && open.get(last).event() == AuditEntry.Event.LEFT_OUT) {
      last--; // One table of several.
    }
    return last < 0
        ? Optional.empty()
        : Optional.of(open.get(last)).filter(AuditEntry::isChoice).map(AuditEntry::choice);
  }

  /** Whether a table was among those for which somebody was asked there last. */
  public synchronized boolean wasAskedFor(Tso commitTs, String table) {
    return open(commitTs).stream()
        .filter(entry -> entry.event() == AuditEntry.Event.HELD)
        .reduce((earlier, later) -> later)
        .filter(entry -> entry.text().contains(table))
        .isPresent();
  }

  /** Commit timestamps at which something was held, or chosen, that has not passed. */
  public synchronized Set<Tso> unsettled() {
    Set<Tso> unsettled = new TreeSet<>();
    for (AuditEntry entry : audit.entries()) {
      if (entry.event() == AuditEntry.Event.HELD || entry.isChoice()) {
        unsettled.add(entry.commitTs());
      } else if (entry.event() == AuditEntry.Event.PASSED) {
        unsettled.remove(entry.commitTs());
      }
    }
    return unsettled;
  }

  /** Tables whose rows are left out, with the commit timestamp of the first. */
  public synchronized Map<String, Tso> leftOut() {
    Map<String, Tso> open = new LinkedHashMap<>();
    for (LeftOutRows rows : leftOutRows(Tso.MAX)) {
      open.put(rows.table(), rows.from());
    }
    return open;
  }

  /** What was left out of the stream behind {@code fromExclusive}, oldest first. */
  public synchronized List<LeftOutRows> leftOutRows(Tso fromExclusive) {
    Map<String, Tso> open = new LinkedHashMap<>();
    List<LeftOutRows> all = new ArrayList<>();
    for (AuditEntry entry : audit.entries()) {
      switch (entry.event()) {
        case LEFT_OUT -> open.putIfAbsent(entry.text(), entry.commitTs());
        case TAKEN_AGAIN -> {
          Tso from = open.remove(entry.text());
          if (from != null && entry.commitTs().isAfter(fromExclusive)) {
            all.add(new LeftOutRows(entry.text(), from, entry.commitTs()));
          }
        }
        default -> {}
      }
    }
    open.forEach((table, from) -> all.add(new LeftOutRows(table, from, Tso.MAX)));
    return all;
  }

  /** From now on rows of a table are left out, also after a restart; durable when this returns. */
  public void leaveOut(Tso commitTs, String table) throws InterruptedException {
    keep(AuditEntry.ofTable(clock.now(), AuditEntry.Event.LEFT_OUT, commitTs, table));
  }

  /**
   * The target has a table whose rows were left out: they are taken from {@code commitTs} on.
   * Durable when this returns: in another life, what was left out before would come after them.
   */
  public void takeAgain(Tso commitTs, String table) throws InterruptedException {
    keep(AuditEntry.ofTable(clock.now(), AuditEntry.Event.TAKEN_AGAIN, commitTs, table));
  }

  /** The DDL cannot go on; the sink waits for a choice. */
  public synchronized void hold(HeldDdl ddl, Supplier<StreamBehind> streamBehind) {
    boolean again = held.isPresent() && held.get().commitTs().equals(ddl.commitTs());
    attempts = again ? attempts + 1 : 1;
    held = Optional.of(ddl);
    behind = streamBehind;
    Instant now = clock.now();
    note(AuditEntry.held(now, ddl));
    since = open(ddl.commitTs()).stream().map(AuditEntry::at).findFirst().orElse(now);
    move(State.HELD, "refused");
  }

  /** Waits until a choice was made for what is held. */
  public synchronized void awaitChoice() throws InterruptedException {
    while (state != State.RELEASING) {
      wait();
    }
  }

  /** A statement is at work at the target. */
  public synchronized void runs(RunningDdl ddl) {
    running = Optional.of(ddl);
  }

  /** What the target says of a statement, unless it has ended since. */
  public synchronized void saw(RunningDdl ddl, String told) {
    if (running.filter(ddl::equals).isPresent()) {
      running = Optional.of(ddl.seenAs(told));
    }
  }

  /** No statement is at work any more, as far as we know. */
  public synchronized void ended() {
    running = Optional.empty();
  }

  /**
   * The DDL is settled at the target, as it came or as it was chosen; durable when this returns.
   */
  public void passed(Tso commitTs) throws InterruptedException {
    Optional<AuditEntry> passing = passing(commitTs);
    if (passing.isPresent()) {
      keep(passing.get());
    }
    release(commitTs);
  }

  /** It had passed before this life began: what cannot be kept of that now is seen again then. */
  public synchronized void foundPassed(Tso commitTs) {
    passing(commitTs).ifPresent(this::note);
  }

  private synchronized Optional<AuditEntry> passing(Tso commitTs) {
    List<AuditEntry> before = open(commitTs);
    return before.isEmpty()
        ? Optional.empty()
        : Optional.of(AuditEntry.passed(clock.now(), before.get(before.size() - 1)));
  }

  private synchronized void release(Tso commitTs) {
    if (held.isPresent() && held.get().commitTs().equals(commitTs)) {
      move(State.OPEN, "passed");
      held = Optional.empty();
      behind = () -> StreamBehind.NOTHING;
    }
  }

  /** Entries of a DDL that has not passed yet. */
  private List<AuditEntry> open(Tso commitTs) {
    List<AuditEntry> open = new ArrayList<>();
    for (AuditEntry entry : audit.entries()) {
      if (entry.commitTs().equals(commitTs)) {
        if (entry.event() == AuditEntry.Event.PASSED) {
          open.clear();
        } else {
          open.add(entry);
        }
      }
    }
    return open;
  }

  /** Only tells: replication does not stop for it. */
  private void note(AuditEntry entry) {
    Optional<RetryableException> failure = tryAdd(entry);
    failure.ifPresent(
        e -> LOG.atError().addKeyValue("error", e.getMessage()).log("ddl audit entry lost"));
  }

  /** The next life relies on it: the sink waits until it is on the disk, and people may ask. */
  private void keep(AuditEntry entry) throws InterruptedException {
    Optional<RetryableException> failure = tryAdd(entry);
    for (long tries = 1; failure.isPresent(); tries++) {
      if (tries % TOLD_EVERY == 1) {
        LOG.atError()
            .addKeyValue("error", failure.get().getMessage())
            .addKeyValue("tries", tries)
            .log("ddl audit entry cannot be written, nothing goes on until it is");
      }
      clock.sleep(TRIED_EVERY);
      failure = tryAdd(entry);
    }
  }

  private synchronized Optional<RetryableException> tryAdd(AuditEntry entry) {
    List<AuditEntry> before = open(entry.commitTs());
    if (!before.isEmpty() && entry.repeats(before.get(before.size() - 1))) {
      return Optional.empty();
    }
    try {
      audit.add(entry);
      return Optional.empty();
    } catch (RetryableException e) {
      return Optional.of(e);
    }
  }

  // ---- the people's side

  public synchronized State state() {
    return state;
  }

  public synchronized Optional<Situation> situation() {
    return held.map(ddl -> new Situation(state, ddl, since, attempts, behind.get()));
  }

  /** Whether somebody has to choose for what is held there. */
  public synchronized boolean awaitsChoice(Tso commitTs) {
    return state == State.HELD && held.filter(ddl -> ddl.commitTs().equals(commitTs)).isPresent();
  }

  /** The statement that is at work at the target. */
  public synchronized Optional<RunningDdl> running() {
    return running;
  }

  /** How long a DDL has been held; zero when none is. */
  public synchronized Duration heldFor() {
    return held.isEmpty() ? Duration.ZERO : Duration.between(since, clock.now());
  }

  /** Everything that was held and chosen, oldest first. */
  public synchronized List<AuditEntry> history() {
    return audit.entries();
  }

  /**
   * Makes a choice; durable when this returns.
   *
   * @param replacement what to run in its place; empty unless replaced
   * @return what is held and for which this was chosen
   * @throws OperatorException when no such DDL is held, or it is being released
   * @throws RetryableException when the choice cannot be kept; nothing was chosen then
   */
  public synchronized HeldDdl choose(
      Tso commitTs, DdlChoice.Action action, String replacement, Chooser who) {
    HeldDdl ddl = requireHeld(commitTs);
    if (action == DdlChoice.Action.REPLACE && replacement.isBlank()) {
      throw new OperatorException("replace needs a statement");
    }
    audit.add(
        new AuditEntry(
            clock.now(),
            AuditEntry.Event.of(action),
            who.by(),
            who.from(),
            commitTs,
            ddl.jobId(),
            ddl.statement(),
            ddl.statementText(),
            action == DdlChoice.Action.REPLACE ? replacement.strip() : "",
            ddl.error(),
            ddl.schema(),
            ddl.reason()));
    onChoice.accept(action);
    move(State.RELEASING, action + " by " + who);
    return ddl;
  }

  private HeldDdl requireHeld(Tso commitTs) {
    if (held.isEmpty()) {
      throw new OperatorException("no DDL is held");
    }
    HeldDdl ddl = held.get();
    if (!ddl.commitTs().equals(commitTs)) {
      throw new OperatorException(
          "the DDL that is held has commit ts " + ddl.commitTs() + ", not " + commitTs);
    }
    if (state != State.HELD) {
      throw new OperatorException("DDL " + commitTs + " is being released already");
    }
    return ddl;
  }

  private void move(State next, String why) {
    LOG.atInfo()
        .addKeyValue("from", state)
        .addKeyValue("to", next)
        .addKeyValue("why", why)
        .addKeyValue("commit-ts", held.map(ddl -> ddl.commitTs().toString()).orElse(""))
        .log("ddl airlock state changed");
    state = next;
    notifyAll();
  }
}
