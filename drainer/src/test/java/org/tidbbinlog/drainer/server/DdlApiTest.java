package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.airlock.StreamBehind;
import org.tidbbinlog.node.server.PortServer;

/** {@code /api/ddl} over a real port. */
@Timeout(30)
class DdlApiTest {
  private final DdlAirlock airlock;
  private final PortServer port;
  private final HttpClient http = HttpClient.newHttpClient();

  DdlApiTest(@TempDir Path folder) {
    airlock = DdlAirlock.open(folder, OnDdlError.HOLD, Clock.system(), action -> {});
    port =
        PortServer.builder("test")
            .listen("127.0.0.1:0")
            .routes(new DdlApi(airlock).routes())
            .start();
  }

  @AfterEach
  void close() {
    port.shutdown(Duration.ZERO);
  }

  private void hold() {
    airlock.hold(
        new HeldDdl(
            new Tso(449_876_543_210_987_654L),
            7,
            "ALTER TABLE `t` ...",
            "d",
            List.of("d.t"),
            0,
            1,
            "ALTER TABLE `t` ADD UNIQUE INDEX `u`(`v`)",
            HeldDdl.Reason.REFUSED,
            "1062 Duplicate entry"),
        () ->
            new StreamBehind(
                5,
                2,
                300,
                List.of(new StreamBehind.WaitingDdl(new Tso(9), "DROP TABLE x")),
                StreamBehind.Reach.GOES_ON));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder at(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.port() + path));
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> reply = send(at(path).GET());
    assertThat(reply.statusCode()).isEqualTo(200);
    return new ObjectMapper().readTree(reply.body());
  }

  private int post(String path, String body) throws Exception {
    return send(at(path).POST(HttpRequest.BodyPublishers.ofString(body))).statusCode();
  }

  @Test
  void nothingHeld_listIsEmpty_andChoicesAreRefused() throws Exception {
    JsonNode list = get("/api/ddl");
    assertThat(list.path("replication").asText()).isEqualTo("running");
    assertThat(list.path("onDdlError").asText()).isEqualTo("hold");
    assertThat(list.path("held")).isEmpty();
    assertThat(post("/api/ddl/5/skip", "")).isEqualTo(409);
  }

  @Test
  void heldDdl_isListedWithStatementErrorAndWaysOut() throws Exception {
    hold();
    JsonNode held = get("/api/ddl").path("held").path(0);
    assertThat(held.path("commitTS").asLong()).isEqualTo(449_876_543_210_987_654L);
    assertThat(held.path("jobID").asLong()).isEqualTo(7);
    assertThat(held.path("schema").asText()).isEqualTo("d");
    assertThat(held.path("tables").path(0).asText()).isEqualTo("d.t");
    assertThat(held.path("statement").asText()).contains("UNIQUE");
    assertThat(held.path("error").asText()).contains("1062");
    assertThat(held.path("state").asText()).isEqualTo("held");
    assertThat(held.path("waysOut")).hasSize(3);
    assertThat(held.path("behind").path("waitingDDLs").path(0).path("query").asText())
        .isEqualTo("DROP TABLE x");
  }

  @Test
  void replace_isKeptWithWhoAndFromWhere_andShownInHistory() throws Exception {
    hold();
    String path = "/api/ddl/449876543210987654/";
    assertThat(post(path + "replace", "")).isEqualTo(400);
    assertThat(post(path + "replace", "no json")).isEqualTo(400);
    assertThat(post(path + "explode", "")).isEqualTo(400);
    assertThat(post("/api/ddl/4/replace", "{\"statement\":\"SELECT 1\"}")).isEqualTo(409);
    String body = "{\"by\":\"ann\",\"statement\":\"ALTER TABLE t ADD INDEX i(v)\"}";
    assertThat(post(path + "replace", body)).isEqualTo(200);
    assertThat(get("/api/ddl").path("replication").asText()).isEqualTo("releasing");
    assertThat(post(path + "skip", "")).isEqualTo(409);
    JsonNode history = get("/api/ddl/history").path("history");
    assertThat(history).hasSize(2);
    JsonNode choice = history.path(1);
    assertThat(choice.path("event").asText()).isEqualTo("replace");
    assertThat(choice.path("by").asText()).isEqualTo("ann");
    assertThat(choice.path("from").asText()).isEqualTo("127.0.0.1");
    assertThat(choice.path("text").asText()).contains("UNIQUE");
    assertThat(choice.path("replacement").asText()).isEqualTo("ALTER TABLE t ADD INDEX i(v)");
    assertThat(get("/api/ddl/history?limit=1").path("history")).hasSize(1);
  }

  @Test
  void status_showsTheNamedState() throws Exception {
    assertThat(DdlApi.replication(airlock.state())).isEqualTo("running");
    assertThat(DdlApi.brief(airlock).isNull()).isTrue();
    hold();
    assertThat(DdlApi.replication(airlock.state())).isEqualTo("held");
    assertThat(DdlApi.brief(airlock).path("error").asText()).contains("1062");
  }
}
