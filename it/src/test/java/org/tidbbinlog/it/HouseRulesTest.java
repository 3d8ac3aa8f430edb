package org.tidbbinlog.it;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may import whom, and what no room of logic may call. A rule that sees no class fails. */
class HouseRulesTest {
  private static final String ROOT = "org.tidbbinlog.";

  /** Each room and the rooms it may know; itself is understood. */
  private static final Map<String, List<String>> MAY_KNOW =
      Map.ofEntries(
          Map.entry("base", List.of()),
          Map.entry("codec", List.of("base", "wire")),
          Map.entry("node", List.of("base")),
          Map.entry("cluster", List.of("base", "wire", "codec", "node")),
          Map.entry("pumpclient", List.of("base", "wire", "codec", "node", "cluster")),
          Map.entry("pump", List.of("base", "wire", "codec", "node", "cluster")),
          Map.entry("drainer", List.of("base", "wire", "codec", "node", "cluster")),
          Map.entry("sinks", List.of("base", "codec", "node", "cluster", "drainer")),
          Map.entry("testkit", List.of("base", "wire", "codec", "node")),
          Map.entry(
              "tools",
              List.of(
                  "base",
                  "wire",
                  "codec",
                  "node",
                  "cluster",
                  "pumpclient",
                  "pump",
                  "drainer",
                  "sinks",
                  "testkit")),
          Map.entry("sim", List.of("base", "codec", "node", "cluster", "pump", "drainer", "tools")),
          Map.entry(
              "playground",
              List.of(
                  "base",
                  "wire",
                  "codec",
                  "node",
                  "cluster",
                  "pumpclient",
                  "pump",
                  "drainer",
                  "sinks",
                  "testkit",
                  "tools",
                  "sim")));

  /** Where generated wire classes may be seen: codec, and the adapters that speak gRPC. */
  private static final String[] WIRE_ADAPTERS = {
    ROOT + "wire..",
    ROOT + "codec..",
    ROOT + "cluster.pd..",
    ROOT + "cluster.etcd..",
    ROOT + "cluster.tikv..",
    ROOT + "cluster.net..",
    ROOT + "pumpclient..",
    ROOT + "pump.server..",
    ROOT + "drainer.source..",
    ROOT + "drainer.server..",
    ROOT + "testkit..",
    ROOT + "tools.bench..",
    ROOT + "tools.capture..",
    ROOT + "tools.replay.."
  };

  /** Rooms that take time, chance and names through their constructors. */
  private static final String[] LOGIC = {
    ROOT + "codec..",
    ROOT + "cluster..",
    ROOT + "pumpclient..",
    ROOT + "pump.storage..",
    ROOT + "drainer.merge..",
    ROOT + "drainer.schema..",
    ROOT + "drainer.filter..",
    ROOT + "drainer.translate..",
    ROOT + "drainer.checkpoint..",
    ROOT + "drainer.pipeline..",
    ROOT + "drainer.source..",
    ROOT + "sinks..",
    ROOT + "sim.."
  };

  private static JavaClasses house;

  @BeforeAll
  static void read() {
    house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.tidbbinlog");
  }

  @Test
  void scan_findsEveryRoom() {
    assertThat(house.size()).isGreaterThan(300);
    for (String room : MAY_KNOW.keySet()) {
      assertThat(
              house.stream()
                  .filter(
                      c ->
                          c.getPackageName().startsWith(ROOT + room + ".")
                              || c.getPackageName().equals(ROOT + room))
                  .count())
          .as("classes of room %s", room)
          .isPositive();
    }
  }

  @TestFactory
  List<DynamicTest> room_knowsOnlyRoomsBeforeIt() {
    return MAY_KNOW.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(), () -> onlyKnows(entry.getKey(), entry.getValue()).check(house)))
        .toList();
  }

  private static ArchRule onlyKnows(String room, List<String> allowed) {
    DescribedPredicate<JavaClass> foreign = resideInAPackage("org.tidbbinlog..");
    foreign = foreign.and(DescribedPredicate.not(resideInAPackage(ROOT + room + "..")));
    for (String other : allowed) {
      foreign = foreign.and(DescribedPredicate.not(resideInAPackage(ROOT + other + "..")));
    }
    return noClasses()
        .that()
        .resideInAPackage(ROOT + room + "..")
        .should()
        .dependOnClassesThat(foreign.as("belong to a room that " + room + " may not know"));
  }

  @Test
  void wireClasses_stopAtTheAdapters() {
    noClasses()
        .that(DescribedPredicate.not(resideInAnyPackage(WIRE_ADAPTERS)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "wire..")
        .check(house);
  }

  @Test
  void logic_asksNoSystemClock() {
    noClasses()
        .that()
        .resideInAnyPackage(LOGIC)
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(java.time.LocalDateTime.class, "now")
        .check(house);
  }

  @Test
  void logic_drawsNoChanceOfItsOwn() {
    noClasses()
        .that()
        .resideInAnyPackage(LOGIC)
        .should()
        .dependOnClassesThat()
        .areAssignableTo(java.util.concurrent.ThreadLocalRandom.class)
        .orShould()
        .callMethod(java.util.UUID.class, "randomUUID")
        .orShould()
        .callMethod(Math.class, "random")
        .check(house);
  }

  @Test
  void names_areNotEmptyWords() {
    classes()
        .that()
        .resideInAPackage("org.tidbbinlog..")
        .and()
        .resideOutsideOfPackage(ROOT + "wire..")
        .should()
        .haveNameNotMatching(".*(Manager|Helper|Utils?|Impl)$")
        .andShould()
        .haveNameNotMatching(".*\\.Abstract\\w+")
        .andShould()
        .haveNameNotMatching(".*[a-z]Base$")
        .check(house);
  }

  /** STYLE 2: 800 lines are the wall, and half of all files are short. */
  @Test
  void files_areSmall() throws IOException {
    List<Integer> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of(System.getProperty("project.root")))) {
      for (Path file : files.filter(HouseRulesTest::isSource).toList()) {
        try (Stream<String> text = Files.lines(file)) {
          lines.add((int) text.count());
        }
        assertThat(lines.get(lines.size() - 1)).as("lines of %s", file).isLessThan(800);
      }
    }
    assertThat(lines).hasSizeGreaterThan(500);
    lines.sort(null);
    assertThat(lines.get(lines.size() / 2)).as("median of %s files", lines.size()).isLessThan(100);
  }

  private static boolean isSource(Path file) {
    String name = file.toString().replace('\\', '/');
    return name.endsWith(".java") && name.contains("/src/");
  }

  /** STYLE 10: one way to replace a file, so that none forgets a force. */
  @Test
  void files_areReplacedInOnePlace() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(ROOT + "node.process.DurableFile")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "node.log.RotatedFile")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "pump.storage.FileChannelDisk")
        .and()
        .resideOutsideOfPackage(ROOT + "testkit..")
        .should()
        .callMethod(
            java.nio.file.Files.class,
            "move",
            Path.class,
            Path.class,
            java.nio.file.CopyOption[].class)
        .check(house);
  }

  @Test
  void storage_knowsNoNetwork() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "pump.storage..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc..", "io.netty..", "java.net..")
        .check(house);
  }
}
