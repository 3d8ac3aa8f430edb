package org.tidbbinlog.tools.differ;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mutant.Mutant;
import org.tidbbinlog.testkit.mutant.PlantedBug;

/**
 * The differential machine bites: every bug of {@code planted-differences.txt} makes one of the
 * first seeds differ, and it is the bug that does: without it the same seed is equal. {@code
 * target/planted-differences.tsv} says which seed, and what it found. {@code
 * -Dplanted.only=PATTERN} runs some of them, {@code -Dplanted.seeds=N} tries so many.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PlantedDifferencesTest {
  private static final String LIST = "/planted-differences.txt";
  private static final int MOST_SEEDS = Integer.getInteger("planted.seeds", 300);
  private static final Path ROOT = Path.of(System.getProperty("project.root", ".."));
  private static final Path REPORT = Path.of("target", "planted-differences.tsv");

  @TempDir static Path directory = Path.of("");
  private static @Nullable MariaDb started;

  @BeforeAll
  static void start() {
    Logging.configure("fatal");
    started = MariaDb.start(directory.resolve("data"));
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  private static MariaDb server() {
    return Objects.requireNonNull(started);
  }

  /** Every third bug that the list names a seed for; the soak runs all. */
  static List<PlantedBug> quick() throws IOException {
    List<PlantedBug> all = bugs().stream().filter(bug -> bug.firstSeed() > 1).toList();
    return IntStream.range(0, all.size()).filter(i -> i % 3 == 0).mapToObj(all::get).toList();
  }

  static List<PlantedBug> bugs() throws IOException {
    Pattern wanted = Pattern.compile(System.getProperty("planted.only", ""));
    return PlantedBug.all(LIST).stream().filter(bug -> wanted.matcher(bug.name()).find()).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("quick")
  void plantedBug_isFoundAtOnce(PlantedBug bug) throws Exception {
    find(bug);
  }

  @Tag("soak")
  @ParameterizedTest(name = "{0}")
  @MethodSource("bugs")
  void plantedBug_isFound(PlantedBug bug) throws Exception {
    find(bug);
  }

  private static void find(PlantedBug bug) throws Exception {
    String target = "mysql://root@127.0.0.1:" + server().port();
    String found =
        (String)
            Mutant.of(bug, ROOT)
                .loadClass(DifferProbe.class.getName())
                .getMethod("failure", String.class, long.class, int.class)
                .invoke(null, target, bug.firstSeed(), MOST_SEEDS);
    String line = "%s\t%s%n".formatted(bug.name(), found.lines().findFirst().orElse(""));
    Files.writeString(REPORT, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    assertThat(found).as("found within %d seeds", MOST_SEEDS).isNotEmpty();
    long seed = Long.parseLong(found.substring(0, found.indexOf('\t')));
    assertThat(DifferProbe.failure(target, seed, 1)).as("without the bug, seed %d", seed).isEmpty();
  }

  @Test
  void list_isLongEnough() throws IOException {
    assertThat(PlantedBug.all(LIST)).hasSizeGreaterThanOrEqualTo(20);
    assertThat(PlantedBug.all(LIST)).extracting(PlantedBug::name).doesNotHaveDuplicates();
  }

  /** A bug that names text which is gone would be noticed by the soak only. */
  @Test
  void list_namesTextOfTheCodeAsItIs() throws IOException {
    for (PlantedBug bug : PlantedBug.all(LIST)) {
      assertThat(bug.source(ROOT)).as(bug.name()).isNotEmpty();
    }
  }
}
