package org.tidbbinlog.node.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/** All metrics of one name, one for each combination of label values. */
public final class Family<M extends Metric> {
  private final String name;
  private final String help;
  private final String type;
  private final List<String> labels;
  private final Supplier<M> maker;
  private final Map<String, M> members = new ConcurrentSkipListMap<>();

  Family(String name, String help, String type, List<String> labels, Supplier<M> maker) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.labels = labels;
    this.maker = maker;
  }

  String name() {
    return name;
  }

  boolean isLike(Family<?> other) {
    return type.equals(other.type) && labels.equals(other.labels);
  }

  /** The member with these label values, made on first use. Keep it: looking it up costs. */
  public M with(String... values) {
    return members.computeIfAbsent(key(values), k -> maker.get());
  }

  /** Forgets a member, for example a node that left. */
  public void remove(String... values) {
    members.remove(key(values));
  }

  private String key(String... values) {
    if (values.length != labels.size()) {
      throw new IllegalArgumentException(name + " has labels " + labels);
    }
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      key.append(i == 0 ? "" : ",").append(labels.get(i)).append("=\"");
      key.append(escaped(values[i]).replace("\"", "\\\"")).append('"');
    }
    return key.toString();
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n");
  }

  void write(StringBuilder out) {
    if (members.isEmpty()) {
      return;
    }
    out.append("# HELP ").append(name).append(' ').append(escaped(help)).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    members.forEach((key, member) -> member.write(out, name, key));
  }
}
