package org.tidbbinlog.sinks.mysql;

import com.fasterxml.jackson.databind.node.NullNode;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlChoice;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.HeldDdl.Reason;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.WaitingItems.Waiting;
import org.tidbbinlog.sinks.mysql.apply.Rest;
import org.tidbbinlog.sinks.mysql.ddl.DdlExecutor;
import org.tidbbinlog.sinks.mysql.ddl.RefusedDdlException;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.TableName;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/**
 * Transactions with rows of tables that the target does not have (decision 0056): what is told of
 * them when they are held, and what becomes of what people chose. Statements that make the tables
 * run before the rows go, marked in the ledger like those of a DDL, so that a crash neither loses
 * one nor runs one twice. Under the gate's lock.
 */
final class HeldRows {
  private final DdlAirlock airlock;
  private final DdlExecutor executor;
  private final MissingTables missing;
  private final Set<Tso> unsettled = new HashSet<>();

  /**
   * @param alreadyApplied everything up to here is in the target: what was held there has passed
   */
  HeldRows(DdlAirlock airlock, DdlExecutor executor, MissingTables missing, Tso alreadyApplied) {
    this.airlock = airlock;
    this.executor = executor;
    this.missing = missing;
    for (Tso commitTs : airlock.unsettled()) {
      if (commitTs.isAfter(alreadyApplied)) {
        unsettled.add(commitTs);
      } else {
        airlock.foundPassed(commitTs);
      }
    }
  }

  /** Whether rows of it were held, and may have been chosen for: then it waits for its turn. */
  boolean isUnsettled(Tso commitTs) {
    return executor.isUnderWay(commitTs) || unsettled.contains(commitTs);
  }

  /** Whether all of an item waits while something waits before it. */
  boolean isWhole(SinkItem item) {
    return switch (item.kind()) {
      case DDL -> true;
      case TRANSACTION -> isUnsettled(item.commitTs());
      case PROGRESS -> false;
    };
  }

  /** Whether statements were chosen for it that may still have to run before its rows go. */
  boolean hasStatements(Tso commitTs) {
    return executor.isUnderWay(commitTs)
        || airlock.choices(commitTs).stream()
            .anyMatch(choice -> choice.action() == DdlChoice.Action.REPLACE);
  }

  /**
   * Runs what is still to be run of them. Everything before the transaction is in the target.
   *
   * @return why they cannot go on; empty when all have run
   * @throws OperatorException when they cannot and nothing is to be held
   */
  Optional<HeldDdl> runStatements(Waiting first) throws SQLException, InterruptedException {
    try {
      executor.makeTables(inPlaceOfADdl(first));
      missing.lookAgain();
      return Optional.empty();
    } catch (RefusedDdlException refusal) {
      HeldDdl held = held(first, refusal.ddl());
      requireHolding(
          new OperatorException(
              held.query()
                  + " at commit ts "
                  + held.commitTs()
                  + " wait for a table: "
                  + held.error()
                  + "; start with on-ddl-error = \"hold\" and choose with tidb-binlog ddl",
              refusal));
      unsettled.add(held.commitTs());
      return Optional.of(held);
    }
  }

  private SinkItem.Ddl inPlaceOfADdl(Waiting first) {
    SinkItem item = first.item();
    String schema = schema(item.commitTs(), first.tables().tables());
    DdlJob none =
        new DdlJob(
            0,
            DdlAction.NONE,
            DdlAction.NONE.number(),
            0,
            0,
            schema,
            "",
            JobState.SYNCED,
            SchemaState.PUBLIC,
            NullNode.instance,
            "",
            item.schemaVersion(),
            null,
            null,
            List.of(),
            0);
    return new SinkItem.Ddl(
        item.commitTs(),
        item.schemaVersion(),
        none,
        rowsOf(first.tables().tables().stream().map(TableName::quoted).toList()),
        schema,
        "",
        SinkItem.Execution.EXECUTE,
        new StageTimes());
  }

  /** What unqualified names mean in the newest replacement: what is still to run is of that one. */
  private String schema(Tso commitTs, Set<TableName> waiting) {
    String schema = "";
    for (DdlChoice choice : airlock.choices(commitTs)) {
      schema = choice.action() == DdlChoice.Action.REPLACE ? choice.schema() : schema;
    }
    return schema.isEmpty()
        ? waiting.stream().map(TableName::schema).sorted().findFirst().orElse("")
        : schema;
  }

  private static String rowsOf(Collection<String> names) {
    return names.stream().sorted().collect(Collectors.joining(", ", "rows of ", ""));
  }

  private static HeldDdl held(Waiting first, HeldDdl refused) {
    boolean unknown = refused.reason() == Reason.END_UNKNOWN;
    return new HeldDdl(
        refused.commitTs(),
        0,
        refused.query(),
        refused.schema(),
        first.tables().names(),
        refused.statement(),
        refused.statements(),
        refused.sent(),
        unknown ? Reason.REPLACEMENT_END_UNKNOWN : Reason.REPLACEMENT_REFUSED,
        unknown
            ? "of what was to make their tables, " + refused.error()
            : "statement %d of %d of the replacement is refused: %s"
                .formatted(refused.statement() + 1, refused.statements(), refused.error()));
  }

  /**
   * Nothing waits before it, and it was handed over.
   *
   * @return whether somebody chose to do without the rows for which there is no table
   */
  boolean leaveOut(Waiting first, Rest rest) throws InterruptedException {
    Tso commitTs = first.item().commitTs();
    boolean chosen =
        !rest.missing().isEmpty()
            && airlock
                .lastChoice(commitTs)
                .filter(choice -> choice.action() == DdlChoice.Action.SKIP)
                .filter(choice -> choice.heldFor() == Reason.NO_TABLE)
                .isPresent();
    if (!chosen) {
      return false;
    }
    Set<TableName> asked = new HashSet<>();
    rest.missing()
        .forEach(
            (name, table) -> {
              if (airlock.wasAskedFor(commitTs, quoted(table))) {
                asked.add(name);
              }
            });
    missing.leaveOut(commitTs, asked);
    return !asked.isEmpty();
  }

  /**
   * What is to be held, after all that was chosen was done.
   *
   * @throws OperatorException when something is, and nothing is to be held
   */
  Optional<HeldDdl> stillHeld(Waiting first, Rest rest) {
    if (rest.missing().isEmpty()) {
      return Optional.empty();
    }
    TableVersion gone =
        rest.missing().values().stream().min(Comparator.comparing(HeldRows::quoted)).orElseThrow();
    requireHolding(TargetTables.missing(gone.schema(), gone.table()));
    Tso commitTs = first.item().commitTs();
    unsettled.add(commitTs);
    String names = rowsOf(rest.missing().values().stream().map(HeldRows::quoted).toList());
    int statements = executor.statementsToMakeTables(commitTs);
    return Optional.of(
        new HeldDdl(
            commitTs,
            0,
            names,
            gone.schema(),
            rest.waiting().stream().map(TableName::toString).sorted().toList(),
            statements,
            statements,
            "",
            Reason.NO_TABLE,
            "the target has no table " + names.substring("rows of ".length())));
  }

  private static String quoted(TableVersion table) {
    return SqlText.name(table.schema(), table.table());
  }

  private void requireHolding(OperatorException failure) {
    switch (airlock.policy()) {
      case STOP -> throw failure;
      case HOLD -> {}
    }
  }

  /** All its rows went on, or are left out. */
  void passed(Tso commitTs) throws InterruptedException {
    if (unsettled.remove(commitTs)) {
      airlock.passed(commitTs);
    }
  }
}
