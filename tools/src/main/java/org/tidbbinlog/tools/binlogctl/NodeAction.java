package org.tidbbinlog.tools.binlogctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.node.net.Tls;

/**
 * Asks a node over HTTP to pause or to go offline. The node answers at once and does it afterwards.
 * Unlike the original, a refusal in the reply (code other than 200) is a failure. Source: binlogctl
 * section 2, fact 16.
 */
final class NodeAction {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAction.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_SHOWN_CHARS = 200;

  private final Tls tls;
  private final HttpClient client;

  NodeAction(Tls tls) {
    this.tls = tls;
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT);
    if (tls.active()) {
      builder.sslContext(tls.sslContext());
    }
    this.client = builder.build();
  }

  /**
   * @param action {@code pause} or {@code close}
   */
  void apply(NodeStatus node, String action) throws InterruptedException {
    String url = tls.scheme() + "://" + node.host() + "/state/" + node.nodeId() + "/" + action;
    HttpRequest request =
        HttpRequest.newBuilder(uri(node, action))
            .timeout(TIMEOUT)
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<String> reply;
    try {
      reply = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new OperatorException("Put \"" + url + "\": " + reason(node, e), e);
    }
    requireAccepted(url, reply);
    LOG.atInfo()
        .addKeyValue("action", action)
        .addKeyValue("NodeID", node.nodeId())
        .log("Apply action on node success");
  }

  private URI uri(NodeStatus node, String action) {
    try {
      String path = "/state/" + node.nodeId() + "/" + action;
      return new URI(tls.scheme(), node.host(), path, null, null);
    } catch (URISyntaxException e) {
      throw new OperatorException(
          "address " + node.host() + " of node " + node.nodeId() + " is not host:port", e);
    }
  }

  private static String reason(NodeStatus node, IOException error) {
    if (error instanceof ConnectException) {
      return "dial tcp " + node.host() + ": connect: connection refused";
    }
    Throwable cause = error.getCause() == null ? error : error.getCause();
    String message = cause.getMessage();
    return message == null ? cause.toString() : message;
  }

  private static void requireAccepted(String url, HttpResponse<String> reply) {
    String body = reply.body().strip();
    JsonNode json;
    try {
      json = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      json = JSON.missingNode();
    }
    if (reply.statusCode() != 200 || !json.path("code").isIntegralNumber()) {
      String shown =
          body.length() <= MAX_SHOWN_CHARS ? body : body.substring(0, MAX_SHOWN_CHARS) + "...";
      throw new OperatorException(
          "Put \"" + url + "\": unexpected reply, status " + reply.statusCode() + ": " + shown);
    }
    if (json.path("code").asInt() != 200) {
      throw new OperatorException(
          "node refused: " + json.path("message").asText("") + " (code " + json.path("code") + ")");
    }
  }
}
