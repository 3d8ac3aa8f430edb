package org.tidbbinlog.cluster.etcd;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.etcd.EtcdServer;

/** The contract over a real etcd; skipped only where no etcd is installed. */
class RealEtcdTest implements EtcdContract {
  private @Nullable EtcdServer server;

  @BeforeEach
  void start(@TempDir Path directory) {
    Assumptions.assumeTrue(EtcdServer.binary().isPresent(), "no etcd on this machine");
    server = EtcdServer.start(EtcdServer.binary().orElseThrow(), directory);
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  public String url() {
    return Objects.requireNonNull(server).url();
  }

  @Override
  public void stopServer() {
    Objects.requireNonNull(server).stop();
  }

  @Override
  public void startServerAgain() {
    Objects.requireNonNull(server).startAgain();
  }
}
