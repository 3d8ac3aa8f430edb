package org.tidbbinlog.node.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** HTTP/1.1 by hand, as a script with netcat would. */
final class RawHttp implements AutoCloseable {
  private final Socket socket;

  RawHttp(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(5_000);
  }

  static RawHttp to(int port) throws IOException {
    return new RawHttp(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Status line, headers and body of one reply; the connection stays open. */
  String receive() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        return text.toString();
      }
      text.append((char) b);
    }
    String head = text.toString().toLowerCase(java.util.Locale.ROOT);
    int at = head.indexOf("content-length: ") + 16;
    int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
    return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  String get(String path) throws IOException {
    return exchange("GET", path);
  }

  String exchange(String method, String path) throws IOException {
    send(method + " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return receive();
  }

  boolean closedByPeer() throws IOException {
    return socket.getInputStream().read() < 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
