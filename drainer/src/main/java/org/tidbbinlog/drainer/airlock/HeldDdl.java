package org.tidbbinlog.drainer.airlock;

import java.util.List;
import java.util.Locale;
import org.tidbbinlog.base.Tso;

/**
 * A statement of a DDL job that cannot go on by itself, or rows of tables that the target does not
 * have: then the job's number is 0.
 *
 * @param query text of the job's binlog; for rows, which they are
 * @param schema database the DDL ran in
 * @param tables what it is about, as {@code schema.table}, {@code schema.*}, or {@code *} for all
 * @param statement position in the job of the statement that is held, from 0; for rows, in what was
 *     chosen to make their tables
 * @param statements of the job in all; 0 when it carries no text
 * @param sent the statement as the target was given it; empty when nothing was sent
 */
public record HeldDdl(
    Tso commitTs,
    long jobId,
    String query,
    String schema,
    List<String> tables,
    int statement,
    int statements,
    String sent,
    Reason reason,
    String error) {
  public HeldDdl {
    tables = List.copyOf(tables);
  }

  /** Why it is held; the ways out differ. */
  public enum Reason {
    /** The target answered with an error; nothing of the statement has happened. */
    REFUSED,
    /** It was interrupted and the target does not tell how it ended. */
    END_UNKNOWN,
    /** It brings back rows that no binlog carries. */
    LOST_ROWS,
    /** The job carries no statement. */
    NO_STATEMENT,
    /** {@code table-migrate-rule} has no place at the target for what it names. */
    NO_ROUTE,
    /** The job's action is not known here, and the job does not tell its effect. */
    UNKNOWN_ACTION,
    /** Not a DDL, but rows of tables that the target does not have. */
    NO_TABLE,
    /** Such rows: the target answered a statement that was to make their tables with an error. */
    REPLACEMENT_REFUSED,
    /** Such rows: a statement that was to make their tables ended in a way nobody saw. */
    REPLACEMENT_END_UNKNOWN;

    static Reason of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** As people and programs are told. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Whether it is no DDL, but rows of tables that the target does not have. */
  public boolean isOfRows() {
    return switch (reason) {
      case NO_TABLE, REPLACEMENT_REFUSED, REPLACEMENT_END_UNKNOWN -> true;
      case REFUSED, END_UNKNOWN, LOST_ROWS, NO_STATEMENT, NO_ROUTE, UNKNOWN_ACTION -> false;
    };
  }

  /** The statement that is held, as far as one is known. */
  public String statementText() {
    return sent.isEmpty() ? query : sent;
  }

  /** What can be done, one sentence each. */
  public List<String> waysOut() {
    String skip =
        "skip: the target goes without it; make an equivalent by hand first or afterwards; rows of a"
            + " table that is not there then are held when they come";
    return switch (reason) {
      case REFUSED ->
          List.of(
              "retry: after what stands in its way at the target was mended",
              "replace: another statement is run in its place",
              skip);
      case END_UNKNOWN ->
          List.of(
              "skip: when it has taken effect at the target",
              "replace: with the same statement when it has not, with what is missing when only"
                  + " part of it has",
              "retry: looks at the target again");
      case LOST_ROWS -> List.of("retry: after the table was restored at the target by hand", skip);
      case NO_STATEMENT ->
          List.of("replace: with the statements that make its effect at the target", skip);
      case NO_TABLE ->
          List.of(
              "retry: after the table was made at the target by hand; its rows go on then",
              "replace: with the statements that make it",
              "skip: these and all later rows of it are left out, and counted, until the target has"
                  + " such a table");
      case REPLACEMENT_REFUSED ->
          List.of(
              "retry: after what stands in its way at the target was mended; those behind it are"
                  + " run then",
              "replace: with all that is still to be run, in place of it and of those behind it",
              "skip: goes on without it, with those behind it; rows whose table the target does not"
                  + " have then are held again");
      case REPLACEMENT_END_UNKNOWN ->
          List.of(
              "skip: when it has taken effect at the target; those behind it are run then",
              "replace: with all that is still to be run, in place of it and of those behind it",
              "retry: looks at the target again");
      case NO_ROUTE ->
          List.of(
              "replace: with the statements that are right at the target, in the target's names",
              "skip: the target goes without it",
              "table-migrate-rule or binlog-filter-rule: changed, and the Drainer started again");
      case UNKNOWN_ACTION ->
          List.of(
              "replace: with the statement, when it means the same to the target, or with another",
              "skip: when it changes nothing that is replicated, or was made by hand",
              "a newer version of this program, which may know it");
    };
  }
}
