package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/} in an unpacked release, with JDKs that only say how they were called. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class LauncherScriptTest {
  private static final Path BIN = Path.of(System.getProperty("project.root", ".."), "bin");

  private final Path release;
  private final Path jvms;
  private final Path elsewhere;

  LauncherScriptTest(@TempDir Path folder) {
    this.release = folder.resolve("a release");
    this.jvms = folder.resolve("jvms");
    this.elsewhere = folder.resolve("elsewhere");
  }

  @BeforeEach
  void unpack() throws IOException {
    for (Path path : List.of(release.resolve("bin"), release.resolve("lib"), jvms, elsewhere)) {
      Files.createDirectories(path);
    }
    try (Stream<Path> scripts = Files.list(BIN)) {
      for (Path script : scripts.toList()) {
        Files.copy(script, release.resolve("bin").resolve(script.getFileName()));
      }
    }
  }

  @Test
  void java_newestOfSeveral_isTaken() throws Exception {
    jdk("eleven", "11.0.2");
    jdk("seventeen", "17.0.15");
    jdk("twentyfive", "25.0.3");
    jdk("eight", "1.8.0_402");
    assertThat(run(Map.of(), "tidb-binlog", "help").out).startsWith("called twentyfive ");
  }

  @Test
  void java_homeSet_isPreferredIfItWillDo() throws Exception {
    Path seventeen = jdk("seventeen", "17.0.15");
    Path eleven = jdk("eleven", "11.0.2");
    jdk("twentyfive", "25.0.3");
    assertThat(run(Map.of("JAVA_HOME", seventeen.toString()), "tidb-binlog").out)
        .startsWith("called seventeen ");
    Run old = run(Map.of("JAVA_HOME", eleven.toString()), "tidb-binlog");
    assertThat(old.out).contains("called twentyfive ");
    assertThat(old.out).contains("JAVA_HOME=" + eleven + " holds no Java 17 or later");
  }

  @Test
  void java_none_isSaidPlainly() throws Exception {
    jdk("eleven", "11.0.2");
    Run run = run(Map.of(), "pump");
    assertThat(run.code).isEqualTo(1);
    assertThat(run.out).contains("no Java 17 or later found").contains("openjdk-17-jdk");
  }

  @Test
  void entry_throughSymbolicLinks_passesArgumentsOn() throws Exception {
    jdk("seventeen", "17.0.15");
    Path absolute = elsewhere.resolve("my-pump");
    Files.createSymbolicLink(absolute, release.resolve("bin/pump"));
    Files.createSymbolicLink(elsewhere.resolve("relative"), Path.of("my-pump"));
    Run run = exec(Map.of(), elsewhere.resolve("relative"), "-addr", "a b", "-gc=3");
    assertThat(run.out)
        .endsWith(
            "-cp "
                + release.toRealPath()
                + "/lib/* org.tidbbinlog.playground.Launcher"
                + " pump -addr a b -gc=3\n");
    for (String entry :
        List.of("drainer", "binlogctl", "replay", "capture", "playground", "pump")) {
      assertThat(run(Map.of(), entry, "x").out).endsWith("Launcher " + entry + " x\n");
    }
  }

  @Test
  void flags_dependOnVersionAndCommand_andCanBeReplaced() throws Exception {
    Path seventeen = jdk("seventeen", "17.0.15");
    Path twentyFive = jdk("twentyfive", "25.0.3");
    assertThat(run(Map.of("JAVA_HOME", twentyFive.toString()), "playground").out)
        .contains("-XX:+UseZGC -XX:+UseCompactObjectHeaders");
    assertThat(run(Map.of("JAVA_HOME", seventeen.toString()), "playground").out)
        .doesNotContain("UseZGC");
    assertThat(run(Map.of("JAVA_HOME", twentyFive.toString()), "drainer").out)
        .contains("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+UseCompactObjectHeaders");
    assertThat(run(Map.of("JAVA_HOME", seventeen.toString()), "drainer").out)
        .contains("-XX:+UseSerialGC")
        .doesNotContain("UseCompactObjectHeaders");
    assertThat(run(Map.of("JAVA_HOME", seventeen.toString()), "pump").out)
        .contains("-Xmx256m -XX:+UseParallelGC")
        .doesNotContain("UseCompactObjectHeaders");
    assertThat(run(Map.of("JAVA_HOME", twentyFive.toString()), "binlogctl").out)
        .contains("-XX:+UseSerialGC")
        .doesNotContain("UseZGC");
    assertThat(
            run(
                    Map.of(
                        "JAVA_HOME",
                        twentyFive.toString(),
                        "TIDB_BINLOG_JAVA_OPTS",
                        "-Xmx8g -XX:MaxDirectMemorySize=4g"),
                    "pump")
                .out)
        .contains(" -Xmx8g -XX:MaxDirectMemorySize=4g ")
        .doesNotContain("UseZGC");
  }

  @Test
  void drainer_withoutItsArchiveOfClasses_makesOne_andTakesItNextTime() throws Exception {
    jdk("twentyfive", "25.0.3");
    Path cache = elsewhere.resolve("a cache");
    Map<String, String> environment = Map.of("TIDB_BINLOG_CACHE_DIR", cache.toString());

    String first = run(environment, "drainer").out;
    Matcher wanted = Pattern.compile("-Dtidb-binlog.class-archive=(.*\\.jsa) ").matcher(first);
    assertThat(wanted.find()).as(first).isTrue();
    Files.createFile(Path.of(wanted.group(1)));
    String second = run(environment, "drainer").out;
    Files.createFile(release.resolve("lib/new.jar"));
    String withOtherJars = run(environment, "drainer").out;

    assertThat(second)
        .contains("-XX:SharedArchiveFile=" + wanted.group(1))
        .doesNotContain("class-archive=");
    assertThat(withOtherJars).contains("class-archive=").doesNotContain(wanted.group(1));
  }

  @Test
  void drainer_whereNothingCanBeWritten_startsWithoutAnArchive() throws Exception {
    jdk("twentyfive", "25.0.3");
    Path file = Files.createFile(elsewhere.resolve("file"));

    Run run = run(Map.of("TIDB_BINLOG_CACHE_DIR", file.resolve("x").toString()), "drainer");

    assertThat(run.out).contains("Launcher drainer").doesNotContain(".jsa");
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = jvms.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Path java = home.resolve("bin/java");
    Files.writeString(java, "#!/bin/sh\necho \"called " + name + " $*\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }

  private Run run(Map<String, String> environment, String script, String... arguments)
      throws Exception {
    return exec(environment, release.resolve("bin").resolve(script), arguments);
  }

  private Run exec(Map<String, String> environment, Path script, String... arguments)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder(script.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().keySet().removeIf(key -> key.startsWith("TIDB_BINLOG_"));
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("TIDB_BINLOG_JVM_DIRS", jvms.toString());
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().putAll(environment);
    Process process = builder.directory(elsewhere.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out);
  }

  /** Both streams together. */
  private record Run(int code, String out) {}
}
