package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Keeps docs/acceptance.md true: every acceptance fact of every sheet is either covered by a test
 * whose display name says so ("pump fact 3: …", "pump facts 3, 4: …") or stands in
 * acceptance-waits.txt with what it waits for.
 *
 * <p>{@code mvn -pl it -am test -Dtest=AcceptanceTableTest -Dacceptance.write=true} writes the
 * table anew.
 */
class AcceptanceTableTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));
  private static final Path TABLE = ROOT.resolve("docs/acceptance.md");
  private static final Path WAITS = ROOT.resolve("it/src/test/resources/acceptance-waits.txt");
  private static final Pattern DISPLAY_NAME =
      Pattern.compile("@DisplayName\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"\\s*\\+?\\s*)+)");
  private static final Pattern FACTS = Pattern.compile("([a-z][a-z-]+) facts? ([0-9][0-9, and]*)");

  /** Sheets and how many acceptance facts each ends with. */
  private static final Map<String, Integer> SHEETS =
      Map.ofEntries(
          Map.entry("row-format", 14),
          Map.entry("mutations", 11),
          Map.entry("ddl-meta", 13),
          Map.entry("pump-protocol", 17),
          Map.entry("registry", 12),
          Map.entry("pump-client", 12),
          Map.entry("pump", 21),
          Map.entry("drainer", 20),
          Map.entry("mysql-translate", 16),
          Map.entry("binlogctl", 16),
          Map.entry("tikv-access", 10));

  /** A test that covers a fact, and what its display name says. */
  private record Cover(String test, String says) implements Comparable<Cover> {
    @Override
    public int compareTo(Cover other) {
      return Comparator.comparing(Cover::test).thenComparing(Cover::says).compare(this, other);
    }
  }

  @Test
  void acceptanceTable_everyFact_isCoveredOrSaysWhatItWaitsFor() throws IOException {
    SortedMap<String, SortedMap<Integer, SortedSet<Cover>>> covered = coveredFacts();
    Map<String, String> waits = waits();

    List<String> unaccounted = new ArrayList<>();
    StringBuilder table = new StringBuilder(HEADER);
    for (String sheet : new TreeSet<>(SHEETS.keySet())) {
      table.append("\n## ").append(sheet).append("\n\n| fact | what | test |\n|---|---|---|\n");
      for (int fact = 1; fact <= SHEETS.getOrDefault(sheet, 0); fact++) {
        SortedSet<Cover> tests =
            covered.getOrDefault(sheet, new TreeMap<>()).getOrDefault(fact, new TreeSet<>());
        String waiting = waits.getOrDefault(sheet + " " + fact, "");
        if (tests.isEmpty() && waiting.isEmpty()) {
          unaccounted.add(sheet + " " + fact);
        }
        String what = joined(tests, Cover::says, "; ");
        String cell = joined(tests, Cover::test, ", ");
        if (!waiting.isEmpty()) {
          cell = cell.isEmpty() ? "waits: " + waiting : cell + "; waits: " + waiting;
        }
        table.append("| %d | %s | %s |\n".formatted(fact, what, cell));
      }
    }
    if (Boolean.getBoolean("acceptance.write")) {
      Files.writeString(TABLE, table);
    }
    assertThat(unaccounted).as("facts without a test and without a reason").isEmpty();
    assertThat(Files.readString(TABLE)).isEqualTo(table.toString());
  }

  private static SortedMap<String, SortedMap<Integer, SortedSet<Cover>>> coveredFacts()
      throws IOException {
    SortedMap<String, SortedMap<Integer, SortedSet<Cover>>> covered = new TreeMap<>();
    int files = 0;
    try (Stream<Path> paths = Files.walk(ROOT, 12)) {
      for (Path path : (Iterable<Path>) paths.filter(AcceptanceTableTest::isTestSource)::iterator) {
        files++;
        Matcher name = DISPLAY_NAME.matcher(Files.readString(path));
        while (name.find()) {
          collect(name.group(1), path, covered);
        }
      }
    }
    assertThat(files).as("test sources found").isGreaterThan(10);
    return covered;
  }

  private static String joined(
      SortedSet<Cover> covers, Function<Cover, String> part, String between) {
    return covers.stream().map(part).distinct().collect(Collectors.joining(between));
  }

  /** What follows the colon, pieces of the string put together, safe in a table. */
  private static String says(String displayName) {
    String text = displayName.strip().replaceAll("(?<!\\\\)\"\\s*\\+\\s*\"", "");
    text = text.substring(1, text.length() - 1).translateEscapes();
    return text.substring(text.indexOf(": ") + 1).strip().replace("|", "\\|");
  }

  private static void collect(
      String displayName,
      Path source,
      SortedMap<String, SortedMap<Integer, SortedSet<Cover>>> covered) {
    Matcher facts = FACTS.matcher(displayName);
    String sheet = "";
    while (facts.find()) {
      sheet = facts.group(1).equals("and") ? sheet : facts.group(1);
      assertThat(SHEETS).as("sheet named in " + source).containsKey(sheet);
      Matcher number = Pattern.compile("\\d+").matcher(facts.group(2));
      while (number.find()) {
        covered
            .computeIfAbsent(sheet, any -> new TreeMap<>())
            .computeIfAbsent(Integer.parseInt(number.group()), any -> new TreeSet<>())
            .add(new Cover(testName(source), says(displayName)));
      }
    }
  }

  private static String testName(Path source) {
    Path relative = ROOT.relativize(source);
    String file = relative.getFileName().toString();
    return "`" + relative.getName(0) + "` " + file.substring(0, file.length() - ".java".length());
  }

  private static boolean isTestSource(Path path) {
    String text = path.toString();
    return text.endsWith(".java") && text.contains("/src/test/java/");
  }

  /** Lines "sheet number what it waits for"; # starts a comment. */
  private static Map<String, String> waits() throws IOException {
    Map<String, String> waits = new TreeMap<>();
    for (String line : Files.readAllLines(WAITS)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] parts = line.split(" ", 3);
      assertThat(parts).as(line).hasSize(3);
      waits.put(parts[0] + " " + parts[1], parts[2]);
    }
    return waits;
  }

  private static final String HEADER =
      """
      # Acceptance facts

      Every acceptance fact of the fact sheets, and the test that holds it. Written by `AcceptanceTableTest`, which fails
      when a fact is neither covered nor says what it waits for. A test covers a fact when its display name says so.

      A fact sheet collects what is known of one part of the original: bytes, texts, states, defaults. Comments cite them
      as `Source: <sheet> section N`. The sheets are not part of this repository; what matters of them is in these tests.
      """;
}
