package org.tidbbinlog.node.server;

/** Answers one HTTP request; runs on the port's HTTP threads and may block for a short while. */
@FunctionalInterface
public interface HttpHandler {
  /** An exception becomes status 500 with its message as text. */
  HttpReply handle(HttpExchange exchange) throws Exception;
}
