package org.tidbbinlog.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DaemonThreadTest {
  private final CompletableFuture<Throwable> death = new CompletableFuture<>();

  @Test
  void error_isToldLikeAnyException_onTheThreadItself() throws Exception {
    for (Throwable cause :
        new Throwable[] {
          new NoClassDefFoundError("gone"),
          new IllegalStateException("bug"),
          new IOException("disk")
        }) {
      CompletableFuture<Throwable> told = new CompletableFuture<>();
      CompletableFuture<String> teller = new CompletableFuture<>();
      Thread thread =
          DaemonThread.named(
              "test-duty-0",
              () -> dieOf(cause),
              e -> {
                teller.complete(Thread.currentThread().getName());
                told.complete(e);
              });
      assertThat(thread.isDaemon()).isTrue();
      thread.start();
      assertThat(told.get(10, TimeUnit.SECONDS)).isSameAs(cause);
      assertThat(teller.get()).isEqualTo("test-duty-0");
    }
  }

  private static void dieOf(Throwable cause) throws Exception {
    if (cause instanceof Error error) {
      throw error;
    }
    throw (Exception) cause;
  }

  @Test
  void interrupt_andTheEndOfItsWork_areNoDeath() throws Exception {
    Thread done = DaemonThread.named("test-duty-1", () -> {}, death::complete);
    CountDownLatch never = new CountDownLatch(1);
    Thread waiting = DaemonThread.named("test-duty-2", never::await, death::complete);
    done.start();
    waiting.start();
    waiting.interrupt();
    done.join();
    waiting.join();
    assertThat(death).isNotDone();
  }

  @Test
  void poolThread_thatATaskKills_isNoDeathOfTheNode() throws Exception {
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> uncaught.add(cause));
    ExecutorService pool = Executors.newFixedThreadPool(1, DaemonThread.ofPool("test-pool"));
    try {
      pool.execute(
          () -> {
            throw new NoClassDefFoundError("gone");
          });
      String second = pool.submit(() -> Thread.currentThread().getName()).get();
      assertThat(second).isEqualTo("test-pool-1");
      assertThat(uncaught).isEmpty();
    } finally {
      pool.shutdownNow();
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void unchecked_isTheExceptionItself_orNamesTheError() {
    RuntimeException bug = new IllegalStateException("bug");
    assertThat(DaemonThread.unchecked(bug)).isSameAs(bug);
    Error error = new NoClassDefFoundError("a/B");
    assertThat(DaemonThread.unchecked(error)).hasCause(error).hasMessageContaining("a/B");
  }
}
