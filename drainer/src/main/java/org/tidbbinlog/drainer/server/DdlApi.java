package org.tidbbinlog.drainer.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.AuditEntry;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlChoice;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.StreamBehind;
import org.tidbbinlog.node.server.HttpExchange;
import org.tidbbinlog.node.server.HttpReply;
import org.tidbbinlog.node.server.HttpRoutes;

/**
 * The DDL airlock over HTTP:
 *
 * <pre>
 * GET  /api/ddl                       what is held
 * GET  /api/ddl/history?limit=N       what was held and chosen, newest last
 * POST /api/ddl/{commitTS}/skip       body, optional: {"by": "ann"}
 * POST /api/ddl/{commitTS}/retry      likewise
 * POST /api/ddl/{commitTS}/replace    body: {"by": "ann", "statement": "CREATE TABLE ..."}
 * </pre>
 *
 * Status 200: chosen, and kept on disk; 400: not understood; 409: no such DDL is held; 503: the
 * choice could not be kept. Errors are {@code {"message": "..."}}.
 */
final class DdlApi {
  private static final int BAD = 400;
  private static final int CONFLICT = 409;
  private static final int UNAVAILABLE = 503;
  private static final int HISTORY_SHOWN = 100;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DdlAirlock airlock;

  DdlApi(DdlAirlock airlock) {
    this.airlock = airlock;
  }

  HttpRoutes routes() {
    return HttpRoutes.builder()
        .get("/api/ddl", exchange -> reply(200, list()))
        .get("/api/ddl/history", this::history)
        .post("/api/ddl/{commitTS}/{action}", this::choose)
        .build();
  }

  /** The named state of replication. */
  static String replication(DdlAirlock.State state) {
    return switch (state) {
      case OPEN -> "running";
      case HELD -> "held";
      case RELEASING -> "releasing";
    };
  }

  /** For {@code /status}: JSON null while nothing is held. */
  static JsonNode brief(DdlAirlock airlock) {
    Optional<DdlAirlock.Situation> now = airlock.situation();
    if (now.isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    HeldDdl ddl = now.get().ddl();
    return JsonNodeFactory.instance
        .objectNode()
        .put("commitTS", ddl.commitTs().value())
        .put("jobID", ddl.jobId())
        .put("statement", ddl.statementText())
        .put("error", ddl.error())
        .put("since", now.get().since().toString());
  }

  private ObjectNode list() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("replication", replication(airlock.state()));
    root.put("onDdlError", airlock.policy().name().toLowerCase(Locale.ROOT));
    root.putNull("running");
    airlock
        .running()
        .ifPresent(
            ddl ->
                root.putObject("running")
                    .put("commitTS", ddl.commitTs().value())
                    .put("statement", ddl.statement())
                    .put("since", ddl.since().toString())
                    .put("connection", ddl.connection())
                    .put("targetSays", ddl.seen()));
    ArrayNode leftOut = root.putArray("leftOut");
    airlock
        .leftOut()
        .forEach(
            (table, since) ->
                leftOut.addObject().put("table", table).put("sinceCommitTS", since.value()));
    ArrayNode held = root.putArray("held");
    airlock.situation().ifPresent(now -> describe(now, held.addObject()));
    return root;
  }

  private static void describe(DdlAirlock.Situation now, ObjectNode node) {
    HeldDdl ddl = now.ddl();
    node.put("commitTS", ddl.commitTs().value());
    node.put("time", ddl.commitTs().instant().toString());
    node.put("jobID", ddl.jobId());
    node.put("schema", ddl.schema());
    ddl.tables().forEach(node.putArray("tables")::add);
    node.put("query", ddl.query());
    node.put("statement", ddl.statementText());
    node.put("position", ddl.statement());
    node.put("statements", ddl.statements());
    node.put("reason", ddl.reason().text());
    node.put("error", ddl.error());
    node.put("since", now.since().toString());
    node.put("attempts", now.attempts());
    node.put("state", replication(now.state()));
    ddl.waysOut().forEach(node.putArray("waysOut")::add);
    StreamBehind stream = now.behind();
    ObjectNode behind = node.putObject("behind");
    behind.put("passedItems", stream.passed());
    behind.put("waitingTransactions", stream.waitingTransactions());
    behind.put("waitingBytes", stream.waitingBytes());
    behind.put("atItsLimit", stream.reach() == StreamBehind.Reach.AT_ITS_LIMIT);
    ArrayNode ddls = behind.putArray("waitingDDLs");
    stream
        .waitingDdls()
        .forEach(
            waiting ->
                ddls.addObject()
                    .put("commitTS", waiting.commitTs().value())
                    .put("query", waiting.query()));
  }

  private HttpReply history(HttpExchange exchange) {
    int limit;
    try {
      String asked = exchange.query().getOrDefault("limit", Integer.toString(HISTORY_SHOWN));
      limit = Math.max(0, Integer.parseInt(asked));
    } catch (NumberFormatException e) {
      return problem(BAD, "limit is not a number");
    }
    List<AuditEntry> all = airlock.history();
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ArrayNode entries = root.putArray("history");
    all.subList(Math.max(0, all.size() - limit), all.size())
        .forEach(entry -> entries.add(entry.json()));
    return reply(200, root);
  }

  private HttpReply choose(HttpExchange exchange) {
    Tso commitTs;
    DdlChoice.Action action;
    try {
      commitTs = new Tso(Long.parseLong(exchange.pathParam("commitTS")));
      action = DdlChoice.Action.valueOf(exchange.pathParam("action").toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return problem(BAD, "POST /api/ddl/{commitTS}/{skip|retry|replace}");
    }
    JsonNode body;
    try {
      body = exchange.body().length == 0 ? JSON.createObjectNode() : JSON.readTree(exchange.body());
    } catch (IOException e) {
      return problem(BAD, "the body is not JSON");
    }
    String statement = body.path("statement").asText("");
    if (action == DdlChoice.Action.REPLACE && statement.isBlank()) {
      return problem(BAD, "replace needs a body {\"statement\": \"...\"}");
    }
    try {
      HeldDdl ddl =
          airlock.choose(
              commitTs,
              action,
              statement,
              new DdlAirlock.Chooser(body.path("by").asText(""), exchange.remote()));
      ObjectNode reply = JsonNodeFactory.instance.objectNode();
      reply.put("message", action.name().toLowerCase(Locale.ROOT) + " chosen");
      return reply(200, reply.put("commitTS", commitTs.value()).put("was", ddl.statementText()));
    } catch (OperatorException e) {
      return problem(CONFLICT, e.getMessage());
    } catch (RetryableException e) {
      return problem(UNAVAILABLE, e.getMessage());
    }
  }

  private static HttpReply problem(int status, @Nullable String message) {
    return reply(status, JsonNodeFactory.instance.objectNode().put("message", message));
  }

  private static HttpReply reply(int status, ObjectNode node) {
    try {
      byte[] text = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
      return new HttpReply(status, HttpReply.JSON, text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree cannot be written", e);
    }
  }
}
