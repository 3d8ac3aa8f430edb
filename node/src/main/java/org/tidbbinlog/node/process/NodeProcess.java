package org.tidbbinlog.node.process;

import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.config.CommandExit;
import org.tidbbinlog.node.config.Values;
import org.tidbbinlog.node.config.Version;
import org.tidbbinlog.node.log.Logging;

/**
 * The life of a process: HUP, INT and TERM ask for an orderly stop, the main thread does it, and
 * the process ends with the exit code the main thread found. (QUIT prints the threads, as every JVM
 * does.) A second signal does not cut the stop short, but {@link #signalled()} lets a stop without
 * a time limit end early. Source: pump sections 3 and 10.
 *
 * <pre>
 *  NodeProcess process = NodeProcess.begin("pump");
 *  ... start ...
 *  StopReason why = process.awaitStop();
 *  ... stop ...
 *  return process.end(0);
 * </pre>
 */
public final class NodeProcess {
  private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);
  private static final int UNKNOWN_CODE = Integer.MIN_VALUE;
  private static final int START_ENDS_S = 5;
  private static final int LEAVE_MS = 3000;

  private final String name;
  private final AtomicReference<@Nullable StopReason> reason = new AtomicReference<>();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Object startLock = new Object();
  private @Nullable Thread starting;
  private Runnable leaveStart = () -> {};
  private volatile boolean signalled;
  private volatile int exitCode = UNKNOWN_CODE;

  private NodeProcess(String name) {
    this.name = name;
  }

  /** Listens to signals from now on. */
  public static NodeProcess begin(String name) {
    NodeProcess process = new NodeProcess(name);
    Runtime.getRuntime().addShutdownHook(new Thread(process::onShutdown, name + "-signal-0"));
    return process;
  }

  /** A process object that no signal reaches, for nodes that run inside another program. */
  public static NodeProcess embedded(String name) {
    return new NodeProcess(name);
  }

  /** Asks for the stop; the first reason counts. May be called by any thread. */
  public void requestStop(StopReason why) {
    if (reason.compareAndSet(null, why)) {
      LOG.atInfo().addKeyValue("reason", why.name().toLowerCase(Locale.ROOT)).log("stop requested");
      stopRequested.countDown();
    }
  }

  /**
   * The calling thread starts the node: a signal interrupts it from now on. When the start does not
   * end within {@value #START_ENDS_S} s of that, {@code leave} is run and the process ends.
   */
  public void beginStart(Runnable leave) {
    synchronized (startLock) {
      starting = Thread.currentThread();
      leaveStart = leave;
      if (signalled) {
        starting.interrupt();
      }
    }
  }

  /** The start is over, well or not; an interrupt that came with a signal is taken back. */
  public void endStart() {
    synchronized (startLock) {
      starting = null;
      startLock.notifyAll();
      if (signalled) {
        var unused = Thread.interrupted();
      }
    }
  }

  /** Blocks until someone asks for the stop. */
  public StopReason awaitStop() throws InterruptedException {
    stopRequested.await();
    StopReason why = reason.get();
    return why == null ? StopReason.FAILURE : why;
  }

  /** As {@link #awaitStop()}, at most this long; true when the stop was asked for. */
  public boolean awaitStop(long timeout, TimeUnit unit) throws InterruptedException {
    return stopRequested.await(timeout, unit);
  }

  public boolean stopRequested() {
    return stopRequested.getCount() == 0;
  }

  /** A signal came, now or after another reason to stop: an open-ended wait should end. */
  public boolean signalled() {
    return signalled;
  }

  /** The main thread is done; logs the last record and answers {@code code}. */
  public int end(int code) {
    if (code == 0) {
      ClassArchive.writeWhereWanted();
    }
    LOG.atInfo().addKeyValue("code", code).log(name + " exit");
    exitCode = code;
    ended.countDown();
    return code;
  }

  /**
   * Runs on the JVM's shutdown thread: on a signal, or when main calls {@link System#exit}. Ends
   * the process with main's exit code instead of 128 + signal.
   */
  private void onShutdown() {
    if (exitCode != UNKNOWN_CODE) {
      return;
    }
    signal();
    try {
      if (!awaitStartEnded()) {
        LOG.atError().log(name + " start did not end, giving it up");
        leaveQuickly();
        exitCode = 1;
        ended.countDown();
      }
      ended.await();
      Logging.flush();
      Runtime.getRuntime().halt(exitCode);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void signal() {
    synchronized (startLock) {
      signalled = true;
      if (starting != null) {
        starting.interrupt();
      }
    }
    requestStop(StopReason.SIGNAL);
  }

  private boolean awaitStartEnded() throws InterruptedException {
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_ENDS_S);
    synchronized (startLock) {
      for (long left = START_ENDS_S * 1000; starting != null && left > 0; ) {
        startLock.wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
      }
      return starting == null;
    }
  }

  private void leaveQuickly() throws InterruptedException {
    Thread leaving = new Thread(leaveStart, name + "-leave-0");
    leaving.setDaemon(true);
    leaving.start();
    leaving.join(LEAVE_MS);
  }

  /** {@code Welcome to Pump} and {@code start pump...} with the whole configuration. */
  public static void banner(String title, Values values) {
    Version version = Version.current();
    LOG.atInfo()
        .addKeyValue("Release Version", version.release())
        .addKeyValue("Git Commit Hash", version.commit())
        .addKeyValue("Build TS", version.buildTime())
        .addKeyValue("Go Version", version.platform())
        .addKeyValue("Go OS/Arch", version.osArch())
        .log("Welcome to " + title);
    LOG.atInfo()
        .addKeyValue("config", values.toJson())
        .log("start " + title.toLowerCase(Locale.ROOT) + "...");
  }

  /** What a command does; answers the exit code. */
  @FunctionalInterface
  public interface Body {
    int run() throws Exception;
  }

  /**
   * Runs a command and turns what it throws into an exit code: help and version print themselves,
   * an {@link OperatorException} is one FATAL line without a stack, anything else is a bug with
   * one.
   *
   * @param what the line's message, for example {@code verifying flags failed. See 'pump --help'.}
   */
  public static int guard(String what, Body body) {
    try {
      return body.run();
    } catch (CommandExit e) {
      return e.print();
    } catch (OperatorException e) {
      LOG.atError().addMarker(Logging.FATAL).addKeyValue("error", e.getMessage()).log(what);
      Logging.alsoToTerminal(what + ": " + e.getMessage());
      return e.exitCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (Exception | Error e) {
      LOG.atError().addMarker(Logging.FATAL).setCause(e).log(what);
      Logging.alsoToTerminal(what + ": " + e);
      return 1;
    }
  }
}
