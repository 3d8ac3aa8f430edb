package org.tidbbinlog.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The values of one run, all sources put together. */
public final class Values {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Option<?>> options;
  private final IdentityHashMap<Option<?>, Given> given = new IdentityHashMap<>();

  Values(List<Option<?>> options) {
    this.options = options;
  }

  void set(Option<?> option, Object value, Origin origin) {
    given.put(option, new Given(value, origin));
  }

  @SuppressWarnings("unchecked") // set() stores what the option's own kind made
  public <T> T get(Option<T> option) {
    Given value = given.get(option);
    return value == null ? option.fallback() : (T) value.value;
  }

  public Origin origin(Option<?> option) {
    Given value = given.get(option);
    return value == null ? Origin.DEFAULT : value.origin;
  }

  public boolean isSet(Option<?> option) {
    return given.containsKey(option);
  }

  /** Everything as one JSON object for the start-up log, passwords hidden. */
  public String toJson() {
    ObjectNode json = JSON.createObjectNode();
    for (Option<?> option : options) {
      String name = option.key().isEmpty() ? option.flag() : option.key();
      if (name.toLowerCase(Locale.ROOT).contains("password")) {
        json.put(name, String.valueOf(get(option)).isEmpty() ? "" : "******");
      } else if (option.fate() == Option.Fate.LIVE) {
        json.set(name, JSON.valueToTree(shown(option)));
      }
    }
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private <T> Object shown(Option<T> option) {
    T value = get(option);
    boolean plain =
        value instanceof Number
            || value instanceof Boolean
            || value instanceof Iterable
            || value instanceof Map;
    return plain ? value : option.kind().show(value);
  }

  private record Given(Object value, Origin origin) {}
}
