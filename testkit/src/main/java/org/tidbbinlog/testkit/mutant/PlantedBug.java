package org.tidbbinlog.testkit.mutant;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One bug to plant in the product's own source: in which file, which text, and what instead. Read
 * from a list that looks like a patch; white space does not count.
 *
 * <pre>
 * == what is wrong then
 * @ module/package/File.java
 * # first seed to try; may be left out
 * - the text there, exactly once in the file
 * + what instead; may be left out
 * </pre>
 */
public record PlantedBug(String name, String file, long firstSeed, List<Hunk> hunks) {
  /** One replacement. */
  public record Hunk(String from, String to) {}

  public PlantedBug {
    hunks = List.copyOf(hunks);
  }

  /**
   * All bugs of a list.
   *
   * @param list a resource, by its absolute name
   */
  public static List<PlantedBug> all(String list) throws IOException {
    List<PlantedBug> bugs = new ArrayList<>();
    try (var lines = PlantedBug.class.getResourceAsStream(list)) {
      String text = new String(Optional.ofNullable(lines).orElseThrow().readAllBytes(), UTF_8);
      for (String block : text.split("(?m)^== ", -1)) {
        if (block.contains("\n@ ")) {
          bugs.add(parse(block));
        }
      }
    }
    return bugs;
  }

  private static PlantedBug parse(String block) {
    String[] lines = block.split("\n", -1);
    String file = "";
    long firstSeed = 1;
    List<Hunk> hunks = new ArrayList<>();
    StringBuilder from = new StringBuilder();
    StringBuilder to = new StringBuilder();
    for (String line : lines) {
      if (line.startsWith("@ ")) {
        file = line.substring(2).strip();
      } else if (line.startsWith("# ")) {
        firstSeed = Long.parseLong(line.substring(2).strip());
      } else if (line.startsWith("-")) {
        if (!to.isEmpty()) {
          hunks.add(new Hunk(from.toString(), to.toString()));
          from.setLength(0);
          to.setLength(0);
        }
        from.append(line.substring(1)).append('\n');
      } else if (line.startsWith("+")) {
        to.append(line.substring(1)).append('\n');
      }
    }
    hunks.add(new Hunk(from.toString(), to.toString()));
    return new PlantedBug(lines[0].strip(), file, firstSeed, hunks);
  }

  /** Binary name of the class that is changed. */
  String className() {
    int slash = file.indexOf('/');
    return file.substring(slash + 1, file.length() - ".java".length()).replace('/', '.');
  }

  /** The file's text with the bug in it. */
  public String source(Path root) throws IOException {
    int slash = file.indexOf('/');
    Path path =
        root.resolve(file.substring(0, slash))
            .resolve("src/main/java")
            .resolve(file.substring(slash + 1));
    String text = Files.readString(path);
    for (Hunk hunk : hunks) {
      text = replaceOnce(text, hunk);
    }
    return text;
  }

  private String replaceOnce(String text, Hunk hunk) {
    StringBuilder pattern = new StringBuilder();
    for (String word : hunk.from().strip().split("\\s+", -1)) {
      pattern.append(pattern.isEmpty() ? "" : "\\s+").append(Pattern.quote(word));
    }
    Matcher matcher = Pattern.compile(pattern.toString()).matcher(text);
    boolean found = matcher.find();
    int start = found ? matcher.start() : 0;
    int end = found ? matcher.end() : 0;
    if (!found || matcher.find()) {
      throw new AssertionError(
          "planted bug \""
              + name
              + "\": its text must be in "
              + file
              + " exactly once; the code has changed, so say in "
              + "the list how this bug would look now:\n"
              + hunk.from());
    }
    return text.substring(0, start) + hunk.to() + text.substring(end);
  }

  @Override
  public String toString() {
    return name;
  }
}
