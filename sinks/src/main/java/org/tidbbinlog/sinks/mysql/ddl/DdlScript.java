package org.tidbbinlog.sinks.mysql.ddl;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlChoice;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ledger.DdlMark;

/**
 * The statements of one DDL for the target: those of its text, as choices have changed them. A
 * choice is made for the statement that is held, when all before it have run, so the order of
 * choices tells how far the DDL is even when the ledger's mark is older than the newest of them.
 *
 * <p>For rows of missing tables it is what was chosen to make them, nothing at first.
 *
 * @param revision how many choices are in it
 * @param chosenAt position of the newest choice; what is before it has run
 */
record DdlScript(List<DdlPlan> plans, int revision, int chosenAt, Purpose purpose) {
  /** What it is run for. */
  enum Purpose {
    DDL,
    /** Rows whose tables it makes: they come when all of it has run. */
    ROWS
  }

  DdlScript {
    plans = List.copyOf(plans);
  }

  static DdlScript of(DdlRewriter rewriter, SinkItem.Ddl item, List<DdlChoice> choices) {
    List<DdlPlan> plans = new ArrayList<>(rewriter.plan(item));
    int at = 0;
    for (DdlChoice choice : choices) {
      at = Math.min(choice.statement(), plans.size());
      if (at < plans.size()) {
        plans.remove(at);
      }
      if (choice.action() == DdlChoice.Action.REPLACE) {
        plans.addAll(at, rewriter.asWritten(choice.replacement()));
      }
    }
    return new DdlScript(plans, choices.size(), at, Purpose.DDL);
  }

  /**
   * A replacement is all that is still to be run: whoever writes it knows of no other statement.
   */
  static DdlScript ofRows(DdlRewriter rewriter, List<DdlChoice> choices) {
    List<DdlPlan> plans = new ArrayList<>();
    int at = 0;
    for (DdlChoice choice : choices) {
      at = Math.min(choice.statement(), plans.size());
      switch (choice.action()) {
        case SKIP -> {
          boolean ofTheRows = choice.heldFor() == HeldDdl.Reason.NO_TABLE;
          if (!ofTheRows && at < plans.size()) {
            plans.remove(at);
          }
        }
        case REPLACE -> {
          plans.subList(at, plans.size()).clear();
          plans.addAll(rewriter.asWritten(choice.replacement()));
        }
        case RETRY -> {}
      }
    }
    return new DdlScript(plans, choices.size(), at, Purpose.ROWS);
  }

  /** What the ledger is told when all of it has run. */
  DdlMark end(Tso commitTs) {
    return switch (purpose) {
      case DDL -> DdlMark.done(commitTs);
      case ROWS -> DdlMark.tablesMade(commitTs, plans.size(), revision);
    };
  }

  /** Where it stands. */
  record Start(int statement, boolean begun, String footprint, String contradiction) {
    private static Start at(int statement) {
      return new Start(statement, false, "", "");
    }

    private static Start contradicts(int statement, String why) {
      return new Start(statement, false, "", why);
    }
  }

  /** Something had begun that only choices can have begun. */
  boolean isLost() {
    return purpose == Purpose.ROWS && revision == 0;
  }

  /** The first statement that is still to be run, as the ledger and the choices tell. */
  Start start(DdlMark mark, SinkItem.Ddl item) {
    if (!mark.isUnderWay(item.commitTs())) {
      return Start.at(0);
    }
    if (mark.revision() < revision) {
      return Start.at(chosenAt);
    }
    if (purpose == Purpose.ROWS && mark.isTablesMade()) {
      return Start.at(plans.size());
    }
    if (mark.revision() > revision || isLost()) {
      return Start.contradicts(
          Math.min(mark.statement(), Math.max(0, plans.size() - 1)),
          "what was chosen for it earlier is not in this data-dir");
    }
    if (mark.statements() != plans.size()) {
      return Start.contradicts(
          Math.min(mark.statement(), Math.max(0, plans.size() - 1)),
          "it was then read as " + mark.statements() + " statements, now as " + plans.size());
    }
    return new Start(mark.statement(), mark.state() == DdlMark.State.STARTED, mark.footprint(), "");
  }
}
