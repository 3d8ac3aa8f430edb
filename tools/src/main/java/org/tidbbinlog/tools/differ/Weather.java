package org.tidbbinlog.tools.differ;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.testkit.network.Step;
import org.tidbbinlog.testkit.network.StepProxy;

/** The network of a case, if it is to have one of its own. */
final class Weather implements AutoCloseable {
  private static final int LONGEST_WAIT_MICROS = 4_000;
  private static final int CUT_ONE_OF = 25;

  private final MysqlTargetSettings settings;
  private final Optional<StepProxy> proxy;

  private Weather(MysqlTargetSettings settings, Optional<StepProxy> proxy) {
    this.settings = settings;
    this.proxy = proxy;
  }

  static Weather of(CasePlan plan, MysqlTargetSettings direct) {
    if (plan.network() == CasePlan.Network.DIRECT) {
      return new Weather(direct, Optional.empty());
    }
    MysqlTargetSettings.Endpoint at = direct.endpoint();
    try {
      StepProxy proxy = new StepProxy(at.host(), at.port(), new Uneven(plan));
      return new Weather(
          direct.withEndpoint(
              new MysqlTargetSettings.Endpoint(
                  "127.0.0.1", proxy.port(), at.user(), at.password(), at.tls())),
          Optional.of(proxy));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The way to the target. */
  MysqlTargetSettings settings() {
    return settings;
  }

  @Override
  public void close() {
    try {
      if (proxy.isPresent()) {
        proxy.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Chance decides for each transaction. */
  private static final class Uneven implements StepProxy.Plan {
    private final CasePlan plan;
    private final RandomGenerator random;

    Uneven(CasePlan plan) {
      this.plan = plan;
      this.random = CasePlan.random(plan.seed() + 3);
    }

    @Override
    public synchronized Duration delay(String sql) {
      int micros = random.nextBoolean() ? 0 : random.nextInt(LONGEST_WAIT_MICROS);
      return Duration.ofNanos(micros * 1_000L);
    }

    @Override
    public synchronized Optional<Step> next(String sql) {
      boolean cut = plan.network() == CasePlan.Network.CUT && random.nextInt(CUT_ONE_OF) == 0;
      Step[] steps = Step.values();
      return cut ? Optional.of(steps[random.nextInt(steps.length)]) : Optional.empty();
    }
  }
}
