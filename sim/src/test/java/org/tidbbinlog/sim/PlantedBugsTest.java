package org.tidbbinlog.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.testkit.mutant.Mutant;
import org.tidbbinlog.testkit.mutant.PlantedBug;

/**
 * The simulator bites: every bug of {@code planted-bugs.txt} is found by one of the first seeds,
 * and it is the bug that is found: without it the same seed is clean. {@code
 * target/planted-bugs.tsv} says by which, and what it found.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PlantedBugsTest {
  private static final String LIST = "/planted-bugs.txt";
  private static final int MOST_SEEDS = Integer.getInteger("planted.seeds", 4000);
  private static final Path ROOT = Path.of(System.getProperty("project.root", ".."));
  private static final Path REPORT = Path.of("target", "planted-bugs.tsv");

  @BeforeAll
  static void quiet() {
    Logging.configure("fatal");
  }

  static List<PlantedBug> bugs() throws IOException {
    String only = System.getProperty("planted.only", "");
    return PlantedBug.all(LIST).stream().filter(bug -> bug.name().contains(only)).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bugs")
  void plantedBug_isFound(PlantedBug bug) throws Exception {
    Mutant mutant = Mutant.of(bug, ROOT);
    String failure = "";
    long seed = bug.firstSeed() - 1;
    while (failure.isEmpty() && seed < bug.firstSeed() + MOST_SEEDS) {
      seed++;
      failure = failureOf(mutant, seed);
    }
    String line =
        "%s\t%d\t%s%n".formatted(bug.name(), seed, failure.lines().findFirst().orElse(""));
    Files.writeString(REPORT, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    assertThat(failure).as("found within %d seeds", MOST_SEEDS).isNotEmpty();
    assertThat(Simulation.run(seed, 1).failure()).as("without the bug, seed %d", seed).isEmpty();
  }

  /** What the simulator says of a seed; empty when nothing is wrong. */
  private static String failureOf(Mutant mutant, long seed) throws ReflectiveOperationException {
    Object outcome =
        mutant
            .loadClass(Simulation.class.getName())
            .getMethod("run", long.class, int.class)
            .invoke(null, seed, 1);
    return (String) outcome.getClass().getMethod("failure").invoke(outcome);
  }

  @Test
  void list_isLongEnough() throws IOException {
    assertThat(PlantedBug.all(LIST)).hasSizeGreaterThanOrEqualTo(20);
    assertThat(PlantedBug.all(LIST)).extracting(PlantedBug::name).doesNotHaveDuplicates();
  }
}
