package org.tidbbinlog.cluster.registry;

import java.util.Optional;

/** State of a Pump or Drainer as the registry spells it. Source: pump section 10. */
public enum NodeState {
  ONLINE("online"),
  PAUSING("pausing"),
  PAUSED("paused"),
  CLOSING("closing"),
  OFFLINE("offline");

  private final String text;

  NodeState(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  public static Optional<NodeState> of(String text) {
    for (NodeState state : values()) {
      if (state.text.equals(text)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return text;
  }
}
