package org.tidbbinlog.sinks.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A network between us and a server that can be cut without a word: connections stay open on both
 * sides and nothing comes through them any more, then or later; new ones are accepted and lead
 * nowhere until it is healed. Connections may also be broken openly.
 */
final class BlackHole implements AutoCloseable {
  private final ServerSocket listening;
  private final int serverPort;
  private final List<Link> links = new CopyOnWriteArrayList<>();
  private volatile boolean cut;

  /** Two sockets and whether anything passes between them. */
  private static final class Link {
    private final Socket client;
    private final Socket server;
    private volatile boolean swallows;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }
  }

  BlackHole(int serverPort) throws IOException {
    this.serverPort = serverPort;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** From now on everything is swallowed. */
  void cut() {
    cut = true;
    links.forEach(link -> link.swallows = true);
  }

  /** Every connection breaks, seen by both sides; new ones work. */
  void breakAll() {
    for (Link link : links) {
      closeQuietly(link.client);
      closeQuietly(link.server);
    }
    links.clear();
  }

  /** New connections work; those that were cut stay as they are. */
  void heal() {
    cut = false;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket server = cut ? new Socket() : new Socket(listening.getInetAddress(), serverPort);
        Link link = new Link(client, server);
        link.swallows = cut;
        links.add(link);
        start(() -> pump(link, client, server));
        if (!link.swallows) {
          start(() -> pump(link, server, client));
        }
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private static void pump(Link link, Socket from, Socket to) {
    byte[] buffer = new byte[1 << 16];
    try {
      InputStream in = from.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (!link.swallows) {
          to.getOutputStream().write(buffer, 0, n);
        }
      }
    } catch (IOException gone) {
      // As the end of the stream.
    }
    if (!link.swallows) {
      closeQuietly(to);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "test-black-hole");
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Closed is what it should be.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Link link : links) {
      closeQuietly(link.client);
      closeQuietly(link.server);
    }
  }
}
