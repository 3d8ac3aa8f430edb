package org.tidbbinlog.cluster.etcd;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.testkit.pd.PdDouble;

class EtcdDoubleTest implements EtcdContract {
  private PdDouble pd;

  @BeforeEach
  void start() {
    pd = PdDouble.start(7, List.of(0), Clock.system());
  }

  @AfterEach
  void stop() {
    pd.close();
  }

  @Override
  public String url() {
    return pd.urls().get(0);
  }

  @Override
  public void stopServer() {
    pd.stop(0);
  }

  @Override
  public void startServerAgain() {
    pd.startAgain(0);
  }
}
