package org.tidbbinlog.node.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** Ends TLS without any ALPN, as Go's Pump does, and hands the bytes to a plaintext port. */
final class NoAlpnRelay implements AutoCloseable {
  private final SSLServerSocket listener;
  private final int backendPort;

  NoAlpnRelay(SSLContext context, int backendPort) throws IOException {
    this.backendPort = backendPort;
    this.listener =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    start(this::acceptAll);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void acceptAll() throws IOException {
    while (true) {
      Socket client = listener.accept();
      Socket backend = new Socket(InetAddress.getLoopbackAddress(), backendPort);
      start(() -> copy(client.getInputStream(), backend.getOutputStream()));
      start(() -> copy(backend.getInputStream(), client.getOutputStream()));
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      out.write(buffer, 0, n);
      out.flush();
    }
  }

  private static void start(Loop loop) {
    Thread thread =
        new Thread(
            () -> {
              try {
                loop.run();
              } catch (IOException e) {
                // the test is over
              }
            },
            "test-relay");
    thread.setDaemon(true);
    thread.start();
  }

  private interface Loop {
    void run() throws IOException;
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
