package org.tidbbinlog.drainer.airlock;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;

/**
 * What was held and what was chosen, kept for good: one JSON object a line behind a versioned first
 * one, each on the disk before anything acts on it. It grows by what people do, so it has no bound;
 * a line that a crash cut short is taken away at the next start. Not thread-safe.
 *
 * <pre>
 * tidb-binlog ddl audit 1
 * {"time":"2026-01-02T03:04:05Z","event":"skip","by":"ann","from":"10.0.0.7","commitTS":…,…}
 * </pre>
 */
final class AuditLog {
  static final String FILE = "ddl-audit.log";

  private static final String FIRST_LINE = "tidb-binlog ddl audit 1";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final List<AuditEntry> entries = new ArrayList<>();

  /** Behind the last whole line. */
  private int endBytes;

  private AuditLog(Path file) {
    this.file = file;
  }

  /**
   * @param folder the data directory, locked by this process
   * @throws OperatorException when the file is there and is not one of these
   */
  static AuditLog open(Path folder) {
    AuditLog log = new AuditLog(folder.resolve(FILE));
    try {
      if (Files.exists(log.file)) {
        log.read();
      }
    } catch (IOException e) {
      throw new OperatorException("DDL audit log " + log.file + " cannot be read: " + e, e);
    }
    return log;
  }

  /** For an airlock that holds nothing, so that nothing is ever written. */
  static AuditLog unwritten() {
    return new AuditLog(Path.of(FILE));
  }

  /** In bytes up to the last whole line: what a crash cut short may end within a letter. */
  private void read() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int number = 0;
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] == '\n') {
        number++;
        take(decode(ByteBuffer.wrap(bytes, endBytes, at - endBytes), number), number);
        endBytes = at + 1;
      }
    }
    if (endBytes < bytes.length) {
      try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
        out.truncate(endBytes);
        out.force(true);
      }
    }
  }

  private String decode(ByteBuffer line, int number) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(line).toString();
    } catch (CharacterCodingException e) {
      throw unreadable(number, "it is no UTF-8 text", e);
    }
  }

  private void take(String line, int number) {
    if (number > 1) {
      entries.add(parse(line, number));
    } else if (!line.equals(FIRST_LINE)) {
      throw new OperatorException(
          "DDL audit log "
              + file
              + " begins with \""
              + line
              + "\", not with \""
              + FIRST_LINE
              + "\": move it away");
    }
  }

  private AuditEntry parse(String line, int number) {
    try {
      JsonNode node = JSON.readTree(line);
      return new AuditEntry(
          Instant.parse(node.path("time").asText()),
          AuditEntry.Event.valueOf(node.path("event").asText().toUpperCase(Locale.ROOT)),
          node.path("by").asText(),
          node.path("from").asText(),
          new Tso(node.path("commitTS").asLong()),
          node.path("jobID").asLong(),
          node.path("statement").asInt(),
          node.path("text").asText(),
          node.path("replacement").asText(),
          node.path("error").asText(),
          node.path("schema").asText(),
          reason(node));
    } catch (JsonProcessingException | RuntimeException e) {
      throw unreadable(number, String.valueOf(e.getMessage()), e);
    }
  }

  private OperatorException unreadable(int number, String why, Exception cause) {
    return new OperatorException(
        "DDL audit log "
            + file
            + " line "
            + number
            + " cannot be read: "
            + why
            + "; mend the line, or move the file away (choices that were not carried out are asked"
            + " for again)",
        cause);
  }

  /** Earlier versions did not write it. */
  private static HeldDdl.Reason reason(JsonNode node) {
    return node.has("reason")
        ? HeldDdl.Reason.of(node.path("reason").asText())
        : node.path("jobID").asLong() == 0 ? HeldDdl.Reason.NO_TABLE : HeldDdl.Reason.REFUSED;
  }

  /** Every entry, oldest first. */
  List<AuditEntry> entries() {
    return List.copyOf(entries);
  }

  /**
   * Durable when this returns.
   *
   * @throws RetryableException when it cannot be written; then nothing was added
   */
  void add(AuditEntry entry) {
    String line = entry.json() + "\n";
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // A try that failed may have left part of its line, if not even that could be taken away.
      long end = Math.min(out.size(), endBytes);
      out.truncate(end);
      // A crash may have left a file without a word in it.
      String text = end == 0 ? FIRST_LINE + "\n" + line : line;
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      out.position(end);
      try {
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      } catch (IOException e) {
        out.truncate(end);
        throw e;
      }
      forceFolder();
      endBytes = Math.toIntExact(end + bytes.limit());
    } catch (IOException e) {
      throw new RetryableException("DDL audit log " + file + " cannot be written: " + e, e);
    }
    entries.add(entry);
  }

  private void forceFolder() throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && entries.isEmpty()) {
      try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
        entry.force(true);
      }
    }
  }
}
