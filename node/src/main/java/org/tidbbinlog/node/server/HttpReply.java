package org.tidbbinlog.node.server;

import java.nio.charset.StandardCharsets;

/** An HTTP answer with its whole body. */
public record HttpReply(int status, String contentType, byte[] body) {
  public static final String TEXT = "text/plain; charset=utf-8";
  public static final String JSON = "application/json; charset=UTF-8";

  public static HttpReply text(int status, String body) {
    return new HttpReply(status, TEXT, body.getBytes(StandardCharsets.UTF_8));
  }

  public static HttpReply ok(String text) {
    return text(200, text);
  }

  public static HttpReply json(byte[] body) {
    return new HttpReply(200, JSON, body);
  }

  public static HttpReply json(String body) {
    return json(body.getBytes(StandardCharsets.UTF_8));
  }
}
