package org.tidbbinlog.testkit.network;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A network between us and a MySQL-family server that reads along and cuts a connection at a chosen
 * step of a target transaction. Both sides see their connection closed. Thread-safe.
 */
public final class StepProxy implements AutoCloseable {
  private static final String COMMIT = "commit";

  private final ServerSocket listening;
  private final String serverHost;
  private final int serverPort;
  private final Plan plan;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final List<Step> cuts = new CopyOnWriteArrayList<>();

  /** Decides what is cut; asked by the threads of the connections. */
  public interface Plan {
    /**
     * Asked when the end of a target transaction is about to be sent.
     *
     * @param sql the packet's text, which ends in {@code commit}
     */
    Optional<Step> next(String sql);

    /** How long such a packet waits before anything happens to it. */
    default Duration delay(String sql) {
      return Duration.ZERO;
    }

    /** The step is reached and the connection still open: the time to end somebody. */
    default void reached(Step step) {}

    /** The step is not reached: the connection ended before, by itself. */
    default void missed(Step step) {}
  }

  public StepProxy(String serverHost, int serverPort, Plan plan) throws IOException {
    this.serverHost = serverHost;
    this.serverPort = serverPort;
    this.plan = plan;
    this.listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** The cuts so far, in their order. */
  public List<Step> cuts() {
    return List.copyOf(cuts);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        try {
          Link link = new Link(client, new Socket(serverHost, serverPort));
          links.add(link);
          start(link::upstream);
          start(link::downstream);
        } catch (IOException serverIsGone) {
          close(client);
        }
      }
    } catch (IOException closed) {
      // The proxy is closed.
    }
  }

  /** One connection: a thread for each direction. */
  private final class Link {
    private final Socket client;
    private final Socket server;

    private final AtomicReference<Optional<Step>> pending = new AtomicReference<>(Optional.empty());

    /** What is to happen when the answer to the packet under way is complete. */
    private volatile Optional<Step> atAnswer = Optional.empty();

    Link(Socket client, Socket server) throws IOException {
      this.client = client;
      this.server = server;
      // Answers come as many small packets, and none is to wait for its predecessor's receipt.
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    }

    void upstream() {
      try {
        DataInputStream in = input(client);
        Optional<Packet> packet = Packet.read(in);
        while (packet.isPresent() && forward(packet.get())) {
          packet = Packet.read(in);
        }
      } catch (IOException gone) {
        // As the end of the stream.
      }
      end();
    }

    /** False when the connection is cut. */
    private boolean forward(Packet packet) throws IOException {
      Optional<String> sql = packet.sql().filter(text -> text.endsWith(COMMIT));
      if (sql.isPresent()) {
        pause(plan.delay(sql.get()));
      }
      Optional<Step> step = sql.flatMap(plan::next);
      if (step.isEmpty()) {
        send(server, packet.bytes());
        return true;
      }
      pending.set(step);
      switch (step.get()) {
        case BEFORE_STATEMENT -> cut(step.get());
        case WITHIN_STATEMENT -> {
          send(server, half(packet.bytes()));
          cut(step.get());
        }
        case BEFORE_COMMIT -> {
          String rest = withoutCommit(sql.orElseThrow());
          if (rest.isEmpty()) {
            cut(step.get());
          } else {
            atAnswer = step;
            send(server, Packet.query(rest).bytes());
          }
        }
        case AFTER_COMMIT_SENT -> {
          send(server, packet.bytes());
          cut(step.get());
        }
        case BEFORE_ANSWER, WITHIN_ANSWER -> {
          atAnswer = step;
          send(server, packet.bytes());
        }
      }
      return true;
    }

    void downstream() {
      try {
        DataInputStream in = input(server);
        Optional<Packet> packet = Packet.read(in);
        while (packet.isPresent()) {
          Optional<Step> step = atAnswer;
          if (step.isEmpty()) {
            send(client, packet.get().bytes());
          } else if (packet.get().isLastAnswer()) {
            if (step.get() == Step.WITHIN_ANSWER) {
              send(client, half(packet.get().bytes()));
            }
            cut(step.get());
          }
          packet = Packet.read(in);
        }
      } catch (IOException gone) {
        // As the end of the stream.
      }
      end();
    }

    private void cut(Step step) throws IOException {
      pending.set(Optional.empty());
      plan.reached(step);
      cuts.add(step);
      end();
      throw new IOException("cut");
    }

    private void end() {
      links.remove(this);
      pending.getAndSet(Optional.empty()).ifPresent(plan::missed);
      StepProxy.close(client);
      StepProxy.close(server);
    }
  }

  private static void pause(Duration time) throws InterruptedIOException {
    try {
      Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  private static DataInputStream input(Socket socket) throws IOException {
    return new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
  }

  private static void send(Socket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  private static byte[] half(byte[] bytes) {
    return java.util.Arrays.copyOf(bytes, Math.max(1, bytes.length / 2));
  }

  private static String withoutCommit(String sql) {
    String rest = sql.substring(0, sql.length() - COMMIT.length());
    return rest.endsWith(";") ? rest.substring(0, rest.length() - 1) : rest;
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "testkit-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Closed is what it should be.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    links.forEach(Link::end);
  }
}
