package org.tidbbinlog.sinks.mysql.ledger;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tidbbinlog.base.Tso;

/**
 * The newest DDL the ledger knows, in the control row; or what was chosen to make the tables of a
 * transaction whose rows are held, by the transaction's commit timestamp. A job of several
 * statements is marked anew before each of them, which also says that those before it have run, and
 * done once, at its end:
 *
 * <pre>
 * [statement] "/" [statements] [ "r" [revision] ] " " [footprint]
 * </pre>
 *
 * @param statement position in the job of the statement that is about to run, from 0
 * @param statements of the job in all; 0 when not known
 * @param revision how many choices of people had changed the job's statements by then
 * @param footprint what its tables looked like before it ran
 */
public record DdlMark(
    State state, Tso commitTs, int statement, int statements, int revision, String footprint) {
  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,9})/(\\d{1,9})(?:r(\\d{1,9}))? (.*)", Pattern.DOTALL);

  /** How far the DDL is; the order is that of the numbers in the table. */
  public enum State {
    NONE,
    STARTED,
    DONE,
    /**
     * The target refused the statement: it has had no effect, and those before it have run. Where
     * no statement is at that position, all have run and what they were run for is still to come.
     */
    HELD
  }

  public static DdlMark started(
      Tso commitTs, int statement, int statements, int revision, String footprint) {
    return new DdlMark(State.STARTED, commitTs, statement, statements, revision, footprint);
  }

  public static DdlMark held(Tso commitTs, int statement, int statements, int revision) {
    return new DdlMark(State.HELD, commitTs, statement, statements, revision, "");
  }

  /** All statements that were to make tables for the rows of a transaction. */
  public static DdlMark tablesMade(Tso commitTs, int statements, int revision) {
    return held(commitTs, statements, statements, revision);
  }

  /** All before a transaction is at the target, and nothing runs for it. */
  public static DdlMark doneBefore(Tso commitTs) {
    return done(new Tso(commitTs.value() - 1));
  }

  public static DdlMark done(Tso commitTs) {
    return new DdlMark(State.DONE, commitTs, 0, 0, 0, "");
  }

  static DdlMark decode(long state, Tso commitTs, String text) {
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? new DdlMark(
            State.values()[(int) state],
            commitTs,
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3)),
            matcher.group(4))
        : new DdlMark(State.values()[(int) state], commitTs, 0, 0, 0, "");
  }

  String text() {
    String revised = revision == 0 ? "" : "r" + revision;
    return switch (state) {
      case NONE, DONE -> "";
      case STARTED, HELD -> statement + "/" + statements + revised + " " + footprint;
    };
  }

  /** Whether it is that of {@link #tablesMade}. */
  public boolean isTablesMade() {
    return state == State.HELD && statement == statements;
  }

  /** Whether this DDL had begun, and was not known to have ended. */
  public boolean isUnderWay(Tso ofCommitTs) {
    return underWay().filter(ofCommitTs::equals).isPresent();
  }

  /** The DDL that had begun, and was not known to have ended. */
  public Optional<Tso> underWay() {
    return state == State.STARTED || state == State.HELD ? Optional.of(commitTs) : Optional.empty();
  }
}
