package org.tidbbinlog.tools.ddl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.net.Tls;

/** Asks a Drainer's {@code /api/ddl}. Its refusals become errors with its own words. */
final class DrainerClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_SHOWN_CHARS = 200;
  private static final int OK = 200;

  private final String root;
  private final String address;
  private final HttpClient client;

  /**
   * @param address host:port
   */
  DrainerClient(Tls tls, String address) {
    this.address = address;
    this.root = tls.scheme() + "://" + address + "/api/ddl";
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT);
    if (tls.active()) {
      builder.sslContext(tls.sslContext());
    }
    this.client = builder.build();
  }

  String address() {
    return address;
  }

  JsonNode list() throws InterruptedException {
    return send(request("").GET());
  }

  JsonNode history(int limit) throws InterruptedException {
    return send(request("/history?limit=" + limit).GET());
  }

  /**
   * @param action skip, retry or replace
   * @param statement empty unless replaced
   */
  JsonNode choose(long commitTs, String action, String by, String statement)
      throws InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("by", by);
    if (!statement.isEmpty()) {
      body.put("statement", statement);
    }
    return send(
        request("/" + commitTs + "/" + action)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  private HttpRequest.Builder request(String path) {
    try {
      return HttpRequest.newBuilder(URI.create(root + path)).timeout(TIMEOUT);
    } catch (IllegalArgumentException e) {
      throw new OperatorException("the Drainer's address " + address + " is not host:port", e);
    }
  }

  private JsonNode send(HttpRequest.Builder request) throws InterruptedException {
    HttpResponse<String> reply;
    try {
      reply = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new OperatorException(
          "Drainer " + address + " does not answer: " + reason(e) + "; is it running there?", e);
    }
    JsonNode json;
    try {
      json = JSON.readTree(reply.body());
    } catch (JsonProcessingException e) {
      json = JSON.missingNode();
    }
    if (reply.statusCode() != OK || json.isMissingNode()) {
      String body = reply.body().strip();
      String shown =
          body.length() <= MAX_SHOWN_CHARS ? body : body.substring(0, MAX_SHOWN_CHARS) + "...";
      String why = json.path("message").asText(shown);
      throw new OperatorException(
          "Drainer " + address + " refuses (status " + reply.statusCode() + "): " + why);
    }
    return json;
  }

  private static String reason(IOException error) {
    String message = error.getMessage();
    return message == null ? error.getClass().getSimpleName() : message;
  }
}
