package org.tidbbinlog.pumpclient;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a Pump is chosen for a transaction's first record. Source: pump-client section 4. */
public enum PumpStrategy {
  /** One available Pump after the other. */
  RANGE,
  /** By start timestamp: {@code (start_ts + try) mod number of available Pumps}. */
  HASH,
  /**
   * Of two available Pumps taken at random, the one that should answer first: least {@code (calls
   * in flight + 1) * smoothed response time}. The original accepts the name and then selects
   * nothing.
   */
  SCORE;

  private static final Logger LOG = LoggerFactory.getLogger(PumpStrategy.class);

  /** As the configuration spells it; an unknown name means {@link #RANGE} and a warning. */
  public static PumpStrategy of(String name) {
    for (PumpStrategy strategy : values()) {
      if (strategy.name().toLowerCase(Locale.ROOT).equals(name)) {
        return strategy;
      }
    }
    LOG.atWarn().addKeyValue("strategy", name).log("unknown pump strategy, use range as default");
    return RANGE;
  }
}
