package org.tidbbinlog.testkit.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prometheus' text format 0.0.4, read.
 *
 * @param types each family's type
 * @param series each line's value, by its text before the value: name and labels as exposed
 */
public record Exposition(Map<String, String> types, SortedMap<String, Double> series) {
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern LINE = Pattern.compile("(\\S+?(?:\\{.*\\})?) (\\S+)");

  public static Exposition read(String text) {
    Map<String, String> types = new TreeMap<>();
    SortedMap<String, Double> series = new TreeMap<>();
    text.lines()
        .forEach(
            line -> {
              Matcher type = TYPE.matcher(line);
              Matcher value = LINE.matcher(line);
              if (type.matches()) {
                types.put(type.group(1), type.group(2));
              } else if (!line.startsWith("#") && value.matches()) {
                series.put(value.group(1), number(value.group(2)));
              }
            });
    return new Exposition(types, series);
  }

  private static double number(String text) {
    return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
  }

  /** The value of one series, for example {@code a_count{type="x"}}; NaN when there is none. */
  public double value(String series) {
    return this.series.getOrDefault(series, Double.NaN);
  }

  /**
   * What of {@code table} is not exposed as it says. One line a family: {@code name | type | labels
   * | buckets}; labels as {@code type=single,batch;label=succ,fail} (all combinations must be
   * there) or {@code type} (any value) or {@code -}; buckets as {@code first x factor, count} or
   * {@code -}.
   */
  public List<String> missing(String table) {
    List<String> missing = new ArrayList<>();
    for (String line : table.strip().lines().toList()) {
      String[] cells = line.split("\\|", -1);
      String name = cells[0].strip();
      String type = cells[1].strip();
      if (!type.equals(types.get(name))) {
        missing.add(name + ": type " + types.get(name) + ", not " + type);
      }
      for (String labels : combinations(cells[2].strip())) {
        checkSeries(name, type, labels, cells[3].strip(), missing);
      }
    }
    return missing;
  }

  private void checkSeries(
      String name, String type, String labels, String buckets, List<String> missing) {
    if (labels.endsWith("=")) { // any value
      String start = (type.equals("histogram") ? name + "_count" : name) + "{" + labels + "\"";
      if (series.tailMap(start).isEmpty() || !series.tailMap(start).firstKey().startsWith(start)) {
        missing.add(start);
      }
      return;
    }
    if (!type.equals("histogram")) {
      require(name + (labels.isEmpty() ? "" : "{" + labels + "}"), missing);
      return;
    }
    require(name + "_count" + (labels.isEmpty() ? "" : "{" + labels + "}"), missing);
    String prefix = name + "_bucket{" + (labels.isEmpty() ? "" : labels + ",") + "le=\"";
    List<Double> bounds =
        series.keySet().stream()
            .filter(key -> key.startsWith(prefix))
            .map(key -> number(key.substring(prefix.length(), key.length() - 2)))
            .sorted()
            .toList();
    if (!bounds.equals(bounds(buckets))) {
      missing.add(name + ": buckets " + bounds + ", not " + buckets);
    }
  }

  private void require(String key, List<String> missing) {
    if (!series.containsKey(key)) {
      missing.add(key);
    }
  }

  private static List<Double> bounds(String text) {
    String[] parts = text.split(" x |, ", -1);
    List<Double> bounds = new ArrayList<>();
    double bound = Double.parseDouble(parts[0]);
    for (int i = 0; i < Integer.parseInt(parts[2]); i++) {
      bounds.add(bound);
      bound *= Double.parseDouble(parts[1]);
    }
    bounds.add(Double.POSITIVE_INFINITY);
    return bounds;
  }

  private static List<String> combinations(String labels) {
    if (labels.equals("-")) {
      return List.of("");
    }
    if (!labels.contains("=")) {
      return List.of(labels + "=");
    }
    List<String> made = List.of("");
    for (String label : labels.split(";", -1)) {
      String name = label.substring(0, label.indexOf('='));
      List<String> longer = new ArrayList<>();
      for (String start : made) {
        for (String value : label.substring(name.length() + 1).split(",", -1)) {
          longer.add((start.isEmpty() ? "" : start + ",") + name + "=\"" + value + '"');
        }
      }
      made = longer;
    }
    return made;
  }
}
