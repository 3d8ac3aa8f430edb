package org.tidbbinlog.node.metrics;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends all metrics to a Prometheus Pushgateway at a fixed interval, job {@code binlog}, grouped by
 * {@code instance}. A failed push is logged; the next one is tried as planned. Source: pump section
 * 8.
 */
public final class Pushgateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pushgateway.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Metrics metrics;
  private final URI target;
  private final HttpClient client;
  private final ScheduledExecutorService timer;

  private Pushgateway(Metrics metrics, URI target) {
    this.metrics = metrics;
    this.target = target;
    this.client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "node-push-0");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * @param address {@code host:port} or a URL
   * @param instance the node id
   */
  public static Pushgateway start(
      Metrics metrics, String address, String instance, Duration interval) {
    String root = address.contains("://") ? address : "http://" + address;
    String grouping = URLEncoder.encode(instance, StandardCharsets.UTF_8).replace("+", "%20");
    URI target = URI.create(root + "/metrics/job/binlog/instance/" + grouping);
    Pushgateway gateway = new Pushgateway(metrics, target);
    long ms = interval.toMillis();
    var unused = gateway.timer.scheduleWithFixedDelay(gateway::push, ms, ms, TimeUnit.MILLISECONDS);
    return gateway;
  }

  /** A schedule ends with the first failure that gets out of its task. */
  private void push() {
    try {
      pushOnce();
    } catch (RuntimeException | Error e) {
      LOG.atError().setCause(e).log("metrics push failed");
    }
  }

  private void pushOnce() {
    HttpRequest request =
        HttpRequest.newBuilder(target)
            .timeout(TIMEOUT)
            .header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            .PUT(HttpRequest.BodyPublishers.ofString(metrics.expose()))
            .build();
    try {
      HttpResponse<String> reply = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (reply.statusCode() / 100 != 2) {
        LOG.atWarn().addKeyValue("status", reply.statusCode()).log("metrics push refused");
      }
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("target", target).addKeyValue("error", e).log("metrics push failed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
