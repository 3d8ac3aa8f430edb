package org.tidbbinlog.drainer.airlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;

/** What of the audit log a crash or a bad disk leaves, and what becomes of it. */
@Timeout(60)
class AuditLogTest {
  private static final AuditEntry FIRST = leftOut(100, "`d`.`größe`");
  private static final AuditEntry SECOND = leftOut(200, "`d`.`表`");

  private final Path folder;
  private final Path file;

  AuditLogTest(@TempDir Path folder) {
    this.folder = folder;
    this.file = folder.resolve(AuditLog.FILE);
  }

  private static AuditEntry leftOut(long commitTs, String table) {
    return AuditEntry.ofTable(
        Instant.parse("2026-01-02T03:04:05Z"), AuditEntry.Event.LEFT_OUT, new Tso(commitTs), table);
  }

  private byte[] written(AuditEntry... entries) throws Exception {
    AuditLog log = AuditLog.open(folder);
    for (AuditEntry entry : entries) {
      log.add(entry);
    }
    return Files.readAllBytes(file);
  }

  @Test
  void logThatACrashCutAtAnyByte_keepsWhatIsWhole_andGoesOn() throws Exception {
    int firstEnd = written(FIRST).length;
    byte[] all = written(SECOND);
    for (int size = firstEnd; size < all.length; size++) {
      Files.write(file, Arrays.copyOf(all, size));
      assertThat(AuditLog.open(folder).entries()).as("cut at %d", size).containsExactly(FIRST);
      assertThat(Files.size(file)).as("cut at %d", size).isEqualTo(firstEnd);
    }
    assertThat(written(SECOND)).isEqualTo(all);
    assertThat(AuditLog.open(folder).entries()).containsExactly(FIRST, SECOND);
  }

  @Test
  void lineThatIsNoText_inTheMiddle_isRefusedWithFileAndLine() throws Exception {
    int firstEnd = written(FIRST).length;
    byte[] all = written(SECOND, FIRST);
    int letter = new String(all, StandardCharsets.ISO_8859_1).indexOf("\u00e8\u00a1\u00a8");
    assertThat(letter).isGreaterThan(firstEnd);
    all[letter + 1] = '"';
    Files.write(file, all);
    assertThatThrownBy(() -> AuditLog.open(folder))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(file + " line 3 cannot be read")
        .hasMessageContaining("move the file away");
    assertThat(Files.readAllBytes(file)).as("not touched").isEqualTo(all);
  }

  @Test
  void whatAFailedWriteLeftBehind_isNotWrittenAfter() throws Exception {
    AuditLog log = AuditLog.open(folder);
    log.add(FIRST);
    Files.write(file, List.of("{\"time\":"), StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    log.add(SECOND);
    assertThat(AuditLog.open(folder).entries()).containsExactly(FIRST, SECOND);
  }
}
