package org.tidbbinlog.drainer.airlock;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;
import org.tidbbinlog.base.Tso;

/**
 * One line of the audit log.
 *
 * @param by who chose, as they named themselves; may be empty
 * @param from address the choice came from; may be empty
 * @param statement position of the statement in its job, from 0
 * @param text the statement that is held
 * @param replacement what is run in its place; empty unless replaced
 * @param error why it is held
 * @param schema what unqualified names in it mean; empty when not known
 * @param reason what kind of reason the error is
 */
public record AuditEntry(
    Instant at,
    Event event,
    String by,
    String from,
    Tso commitTs,
    long jobId,
    int statement,
    String text,
    String replacement,
    String error,
    String schema,
    HeldDdl.Reason reason) {
  /** What happened to the DDL. */
  public enum Event {
    HELD,
    SKIP,
    RETRY,
    REPLACE,
    /** All of it is settled at the target. */
    PASSED,
    /** Rows of the table {@code text} are done without from now on. */
    LEFT_OUT,
    /** The target has the table {@code text}: its rows from this commit timestamp on are taken. */
    TAKEN_AGAIN;

    boolean changesTheJob() {
      return this == SKIP || this == REPLACE;
    }

    static Event of(DdlChoice.Action action) {
      return switch (action) {
        case SKIP -> SKIP;
        case RETRY -> RETRY;
        case REPLACE -> REPLACE;
      };
    }
  }

  static AuditEntry held(Instant at, HeldDdl ddl) {
    return new AuditEntry(
        at,
        Event.HELD,
        "",
        "",
        ddl.commitTs(),
        ddl.jobId(),
        ddl.statement(),
        ddl.statementText(),
        "",
        ddl.error(),
        ddl.schema(),
        ddl.reason());
  }

  /**
   * @param last what was noted of it before
   */
  static AuditEntry passed(Instant at, AuditEntry last) {
    return new AuditEntry(
        at,
        Event.PASSED,
        "",
        "",
        last.commitTs(),
        last.jobId(),
        last.statement(),
        last.text(),
        last.replacement(),
        "",
        last.schema(),
        last.reason());
  }

  boolean isChoice() {
    return event == Event.SKIP || event == Event.RETRY || event == Event.REPLACE;
  }

  DdlChoice choice() {
    return new DdlChoice(
        commitTs, DdlChoice.Action.valueOf(event.name()), statement, replacement, schema, reason);
  }

  /** What has become of a table's rows. */
  static AuditEntry ofTable(Instant at, Event event, Tso commitTs, String table) {
    return new AuditEntry(
        at, event, "", "", commitTs, 0, 0, table, "", "", "", HeldDdl.Reason.NO_TABLE);
  }

  /** The same statement held for the same reason. */
  boolean repeats(AuditEntry earlier) {
    return event == earlier.event
        && commitTs.equals(earlier.commitTs)
        && statement == earlier.statement
        && text.equals(earlier.text)
        && error.equals(earlier.error);
  }

  /** As it stands in the log and in the API's answers. */
  public ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("time", at.toString());
    node.put("event", event.name().toLowerCase(Locale.ROOT));
    node.put("by", by);
    node.put("from", from);
    node.put("commitTS", commitTs.value());
    node.put("jobID", jobId);
    node.put("statement", statement);
    node.put("text", text);
    node.put("replacement", replacement);
    node.put("error", error);
    return node.put("schema", schema).put("reason", reason.text());
  }
}
