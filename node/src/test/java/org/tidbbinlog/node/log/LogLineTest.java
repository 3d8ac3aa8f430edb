package org.tidbbinlog.node.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lines as a user's parser sees them. */
class LogLineTest {
  private static final Logger LOG = LoggerFactory.getLogger(LogLineTest.class);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    Logging.install(out, Level.INFO, LogbackSetup.Shown.ALL);
  }

  @AfterEach
  void restore() {
    Logging.configure("info");
  }

  @Test
  void line_hasTheOriginalsForm() {
    LOG.atInfo()
        .addKeyValue("type", "pump")
        .addKeyValue("node", "{NodeID: vm:18250, State: online}")
        .addKeyValue("empty", "")
        .addKeyValue("n", 5)
        .log("query node");
    assertThat(text())
        .matches(
            "\\[\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} [+-]\\d\\d:\\d\\d\\] \\[INFO\\] "
                + "\\[LogLineTest\\.java:\\d+\\] .*\n")
        .endsWith(
            "] [\"query node\"] [type=pump] [node=\"{NodeID: vm:18250, State: online}\"] [empty=]"
                + " [n=5]\n");
  }

  @Test
  void text_quotedOnlyWhenItMustBe() {
    LOG.info("plain");
    LOG.info("[pd] leader=a");
    LOG.info("say \"x\" \\ and\nnew\tline\u0001");
    assertThat(text())
        .contains("] [plain]\n")
        .contains("[\"[pd] leader=a\"]\n")
        .contains("[\"say \\\"x\\\" \\\\ and\\nnew\\tline\\u0001\"]\n");
  }

  @Test
  void levelFatal_leavesErrorsOut() {
    Logging.install(out, Level.ERROR, LogbackSetup.Shown.FATAL);
    LOG.error("hidden");
    LOG.atError().addMarker(Logging.FATAL).log("end");
    assertThat(text()).doesNotContain("hidden").contains("[FATAL]").contains("[end]");
  }

  @Test
  void levels_filteredAndNamed() {
    LOG.debug("hidden");
    LOG.atError()
        .addMarker(Logging.FATAL)
        .addKeyValue("error", new RuntimeException("boom"))
        .log("end");
    LOG.atWarn().setCause(new IllegalStateException("why not")).log("w");
    assertThat(text())
        .doesNotContain("hidden")
        .contains("[FATAL]")
        .contains("[end] [error=boom]\n")
        .contains("[w] [error=\"why not\"] [stack=\"java.lang.IllegalStateException: why not\\n");
    assertThatThrownBy(() -> Logging.level("loud")).hasMessageContaining("log level is loud");
  }

  @Test
  void value_megabytes_isCut() {
    LOG.atInfo().addKeyValue("payload", "x".repeat(1 << 20)).log("big");
    assertThat(text().length()).isLessThan(70_000);
    assertThat(text()).contains("...(1048576 characters)");
  }

  @Test
  void jdkLogging_warnings_comeHere() {
    java.util.logging.Logger.getLogger("io.grpc.test").warning("from grpc");
    java.util.logging.Logger.getLogger("io.grpc.test").info("chatter");
    assertThat(text()).contains("[\"from grpc\"]").doesNotContain("chatter");
  }

  private String text() {
    return out.toString(StandardCharsets.UTF_8);
  }
}
