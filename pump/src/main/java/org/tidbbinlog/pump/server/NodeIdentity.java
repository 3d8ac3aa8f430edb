package org.tidbbinlog.pump.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.process.DurableFile;

/**
 * Who this Pump is: {@code <data-dir>/.node} holds the id, mode 0600, no newline. The file wins
 * over the option; a new id is written before it is used, also one that came from the option, so
 * that the node stays itself when the option is forgotten. Source: pump section 4, facts 1 and 2.
 */
final class NodeIdentity {
  static final String FILE = ".node";
  private static final Logger LOG = LoggerFactory.getLogger(NodeIdentity.class);

  private NodeIdentity() {}

  /**
   * @param wanted the option; empty when not given
   * @param fallback {@code <os hostname>:<listen port>}
   */
  static String settle(Path dataDir, String wanted, String fallback) {
    Path file = dataDir.resolve(FILE);
    String asked = wanted.strip();
    if (Files.isRegularFile(file)) {
      String kept = read(file);
      if (!asked.isEmpty() && !asked.equals(kept)) {
        LOG.atWarn()
            .addKeyValue("file", file)
            .addKeyValue("kept", kept)
            .addKeyValue("ignored", asked)
            .log("node id of the data directory wins over the option");
      }
      return kept;
    }
    String id = requireUsable(asked.isEmpty() ? fallback : asked);
    if (Files.exists(file)) {
      if (asked.isEmpty()) {
        throw new OperatorException(file + " is not a file: remove it, or give -node-id");
      }
      return id;
    }
    persist(file, id);
    return id;
  }

  private static String read(Path file) {
    try {
      return requireUsable(Files.readString(file).strip());
    } catch (IOException e) {
      throw new OperatorException("node id file " + file + " is unreadable: " + e, e);
    }
  }

  /** A slash would make a deeper registry key, which breaks the listing of Go nodes. */
  private static String requireUsable(String id) {
    if (id.isEmpty() || id.contains("/")) {
      throw new OperatorException(
          "node id '" + id + "' must not be empty nor contain '/': correct -node-id or " + FILE);
    }
    return id;
  }

  private static void persist(Path file, String id) {
    try {
      DurableFile.replace(file, id.getBytes(StandardCharsets.UTF_8), DurableFile.OWNER_ONLY);
    } catch (IOException e) {
      throw new OperatorException("node id file " + file + " cannot be written: " + e, e);
    }
  }
}
