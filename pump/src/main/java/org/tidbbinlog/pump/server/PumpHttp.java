package org.tidbbinlog.pump.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.cluster.txn.KeyVersions;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.node.server.DebugRoutes;
import org.tidbbinlog.node.server.HttpExchange;
import org.tidbbinlog.node.server.HttpReply;
import org.tidbbinlog.node.server.HttpRoutes;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.Dangling;
import org.tidbbinlog.pump.storage.StoreStats;
import org.tidbbinlog.pump.storage.StoredRecord;

/** The HTTP paths of a Pump, with the original's answers. Source: pump section 13. */
final class PumpHttp {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DANGLING_SHOWN = 20;

  private final NodeRegistry registry;
  private final TimeSource time;
  private final BinlogStore store;
  private final PumpState state;
  private final Safekeeping safe;
  private final PumpMetrics metrics;
  private final SpaceWatch space;
  private final KeyVersions versions;

  PumpHttp(
      NodeRegistry registry,
      TimeSource time,
      BinlogStore store,
      PumpState state,
      Safekeeping safe,
      PumpMetrics metrics,
      SpaceWatch space,
      KeyVersions versions) {
    this.registry = registry;
    this.time = time;
    this.store = store;
    this.state = state;
    this.safe = safe;
    this.metrics = metrics;
    this.space = space;
    this.versions = versions;
  }

  HttpRoutes routes(Supplier<StateActions> actions, BooleanSupplier triggerGc, Metrics metrics) {
    return HttpRoutes.builder()
        .get("/status", exchange -> status())
        .get("/drainers", exchange -> drainers())
        .get("/metrics", metrics.route())
        .get("/debug/binlog/{ts}", this::binlog)
        .post("/debug/gc/trigger", exchange -> gc(triggerGc))
        .put(
            "/state/{nodeID}/{action}",
            exchange ->
                actions.get().apply(exchange.pathParam("nodeID"), exchange.pathParam("action")))
        .addAll(DebugRoutes.all())
        .build();
  }

  /** The original's keys, then ours: {@code Pump} tells what this node holds and waits for. */
  private HttpReply status() throws InterruptedException {
    ObjectNode answer = JSON.createObjectNode();
    try {
      List<NodeStatus> pumps = registry.list(NodeKind.PUMP);
      Tso now = time.next();
      ObjectNode nodes = answer.putObject("status");
      pumps.forEach(pump -> nodes.set(pump.nodeId(), json(pump)));
      answer.put("CommitTS", now.value());
      answer.putObject("Checkpoint");
      answer.put("ErrMsg", "");
    } catch (RetryableException e) {
      answer.removeAll();
      answer.putNull("status");
      answer.put("CommitTS", 0);
      answer.putObject("Checkpoint");
      answer.put("ErrMsg", String.valueOf(e.getMessage()));
    }
    answer.set("Pump", own());
    return HttpReply.ok(text(answer) + "\n");
  }

  private ObjectNode own() {
    StoreStats stats = store.stats();
    ObjectNode own = JSON.createObjectNode();
    own.put("state", state.current().text());
    own.put("availableBytes", space.availableBytes());
    own.put("spaceLow", space.isLow());
    own.put("maxCommitTS", stats.maxCommitTs().value());
    own.put("gcTS", stats.gcTs().value());
    own.put("writtenBinlogs", stats.appendedRecords());
    own.put("writtenBytes", stats.appendedBytes());
    own.put("queuedBytes", stats.queuedBytes());
    own.put("sortLagBytes", stats.sortLagBytes());
    own.put("unmatched", stats.unmatched());
    ArrayNode waiting = own.putArray("waitingFor");
    for (Dangling prewrite : store.dangling(DANGLING_SHOWN)) {
      ObjectNode entry = waiting.addObject();
      entry.put("startTS", prewrite.startTs().value());
      entry.put("waitedSeconds", prewrite.waited().toMillis() / 1e3);
      ArrayNode tables = entry.putArray("tableIDs");
      prewrite.tableIds().forEach(tables::add);
      entry.put("ddl", prewrite.ddlQuery());
      entry.put("primaryKey", prewrite.primaryKeyHex());
      entry.put("state", prewrite.state());
    }
    safe.describe(own);
    return own;
  }

  private HttpReply drainers() {
    ArrayNode list = JSON.createArrayNode();
    try {
      registry.list(NodeKind.DRAINER).forEach(drainer -> list.add(json(drainer)));
    } catch (RetryableException e) {
      return HttpReply.json("null");
    }
    return HttpReply.json(list.isEmpty() ? "null" : text(list));
  }

  /** As in the registry. */
  private static ObjectNode json(NodeStatus node) {
    ObjectNode json = JSON.createObjectNode();
    json.put("nodeId", node.nodeId());
    json.put("host", node.host());
    json.put("state", node.state().text());
    json.put("isAlive", false);
    json.put("score", 0);
    json.putNull("label");
    json.put("maxCommitTS", node.maxCommitTs().value());
    json.put("updateTS", node.updateTs().value());
    return json;
  }

  private HttpReply binlog(HttpExchange exchange) throws InterruptedException {
    String asked = exchange.pathParam("ts");
    if (!asked.matches("-?[0-9]{1,19}")) {
      return HttpReply.ok("invalid parameter ts: " + asked + "\n");
    }
    try {
      Optional<StoredRecord> found = store.find(new Tso(Long.parseLong(asked)));
      return HttpReply.ok(
          found.isPresent()
              ? BinlogText.of(found.get().payload(), versions)
              : "fail read binlog by ts: " + asked + ": leveldb: not found\n");
    } catch (RuntimeException e) {
      metrics.readFailed();
      return HttpReply.ok("fail read binlog by ts: " + asked + ": " + e.getMessage() + "\n");
    }
  }

  private static HttpReply gc(BooleanSupplier trigger) {
    return HttpReply.ok(trigger.getAsBoolean() ? "trigger gc success\n" : "gc is working\n");
  }

  private static String text(Object json) {
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("tree that is no JSON", e);
    }
  }
}
