package org.tidbbinlog.drainer.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.merge.MergeProgress;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.node.server.DebugRoutes;
import org.tidbbinlog.node.server.HttpHandler;
import org.tidbbinlog.node.server.HttpReply;
import org.tidbbinlog.node.server.HttpRoutes;

/** The Drainer's HTTP answers, in the original's form. Source: drainer section 10. */
final class DrainerHttp {
  private static final int OK = 200;
  private static final int REFUSED = 3;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, NodeState> ACTIONS =
      Map.of("pause", NodeState.PAUSING, "close", NodeState.CLOSING);

  /** What the answers are made of. */
  record View(
      Supplier<List<MergeProgress>> pumps,
      Supplier<Tso> checkpoint,
      Supplier<Tso> applied,
      Supplier<Boolean> synced,
      Supplier<Integer> queued,
      Supplier<ObjectNode> divergence,
      Supplier<Optional<LongTransaction.Progress>> applying,
      DdlAirlock airlock) {}

  private final String nodeId;
  private final View view;
  private final NodeLife life;
  private final Runnable announce;
  private final NodeProcess process;

  /**
   * @param announce writes the changed state to the registry
   */
  DrainerHttp(String nodeId, View view, NodeLife life, Runnable announce, NodeProcess process) {
    this.nodeId = nodeId;
    this.view = view;
    this.life = life;
    this.announce = announce;
    this.process = process;
  }

  HttpRoutes routes(HttpHandler metrics) {
    return HttpRoutes.builder()
        .get("/status", exchange -> status())
        .get("/commit_ts", exchange -> commitTs())
        .put(
            "/state/{nodeID}/{action}",
            exchange -> state(exchange.pathParam("nodeID"), exchange.pathParam("action")))
        .addAll(new DdlApi(view.airlock()).routes())
        .get("/metrics", metrics)
        .addAll(DebugRoutes.all())
        .build();
  }

  /**
   * One line; the fields after TsMap say what the Drainer is waiting for. LastTS is the saved
   * checkpoint, AppliedTS what the target has already.
   */
  private HttpReply status() {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    ObjectNode positions = status.putObject("PumpPos");
    List<MergeProgress> pumps = view.pumps().get();
    pumps.forEach(pump -> positions.put(pump.nodeId(), pump.watermark().value()));
    status.put("Synced", view.synced().get());
    status.put("LastTS", view.checkpoint().get().value());
    status.put("TsMap", "");
    status.put("NodeID", nodeId);
    status.put("State", life.state().text());
    status.put("Replication", DdlApi.replication(view.airlock().state()));
    status.set("HeldDDL", DdlApi.brief(view.airlock()));
    status.set("Divergence", view.divergence().get());
    status.put("Queued", view.queued().get());
    status.put("AppliedTS", view.applied().get().value());
    view.applying()
        .get()
        .ifPresentOrElse(
            one ->
                status
                    .putObject("Applying")
                    .put("commitTS", one.commitTs().value())
                    .put("rowsApplied", one.rowsApplied())
                    .put("rowsTotal", one.rowsTotal())
                    .put("since", one.since().toString()),
            () -> status.putNull("Applying"));
    ArrayNode merge = status.putArray("Merge");
    for (MergeProgress pump : pumps) {
      merge
          .addObject()
          .put("pump", pump.nodeId())
          .put("watermark", pump.watermark().value())
          .put("queuedItems", pump.queuedItems())
          .put("queuedBytes", pump.queuedBytes())
          .put("silentMs", pump.silentMs());
    }
    return HttpReply.json(write(status) + "\n");
  }

  private HttpReply commitTs() {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("ts", view.checkpoint().get().value());
    ObjectNode reply = reply(OK, "get drainer's latest ts success!");
    reply.set("data", data);
    return HttpReply.json(indented(reply));
  }

  private HttpReply state(String asked, String action) {
    if (!asked.equals(nodeId)) {
      return refused("invalide nodeID " + asked + ", this pump's nodeID is " + nodeId);
    }
    NodeState next = ACTIONS.get(action);
    if (life.state() == NodeState.ONLINE && next == null) {
      return refused("invalide action " + action);
    }
    if (next == null || !life.tryMove(next, "HTTP " + action)) {
      return refused("this pump's state is " + life.state() + ", apply " + action + " failed!");
    }
    try {
      announce.run();
    } catch (RetryableException e) {
      // the next heartbeat writes it
    }
    process.requestStop(next == NodeState.PAUSING ? StopReason.PAUSE : StopReason.CLOSE);
    return HttpReply.json(indented(reply(OK, "apply action " + action + " success!")));
  }

  private static HttpReply refused(String message) {
    return HttpReply.json(indented(reply(REFUSED, message)));
  }

  private static ObjectNode reply(int code, String message) {
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    return reply.put("message", message).put("code", code).putNull("data");
  }

  /** Go's MarshalIndent: a member a line, two spaces a level. */
  private static String indented(ObjectNode reply) {
    StringBuilder text = new StringBuilder("{\n");
    text.append("  \"message\": ").append(write(reply.get("message"))).append(",\n");
    text.append("  \"code\": ").append(reply.get("code")).append(",\n  \"data\": ");
    if (reply.get("data").isObject()) {
      text.append("{\n    \"ts\": ").append(reply.get("data").get("ts")).append("\n  }");
    } else {
      text.append("null");
    }
    return text.append("\n}\n").toString();
  }

  private static String write(Object node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree cannot be written", e);
    }
  }
}
