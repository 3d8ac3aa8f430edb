package org.tidbbinlog.testkit.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.tidbbinlog.base.OperatorException;

/**
 * A folder that holds what a real cluster did.
 *
 * <pre>
 * binlogs.bin.gz       repeated [u32 little-endian length][matched Binlog message], in commit order
 * meta.jsonl.gz        every key of TiKV's meta space at the end: {"k":"hex","v":"hex"} a line
 * history.json.gz      the DDL history as JSON, for the reader only
 * cluster-id           PD cluster id, unsigned decimal
 * final.tsv            what a target must hold (optional)
 * final-checksums.tsv  the same as checksums, for large captures (optional)
 * </pre>
 *
 * Binlogs are streamed; nothing of their size is held in memory.
 */
public final class Capture {
  static final String BINLOGS = "binlogs.bin.gz";
  static final String META = "meta.jsonl.gz";
  static final String HISTORY = "history.json.gz";
  static final String CLUSTER_ID = "cluster-id";
  static final String FINAL = "final.tsv";
  static final String CHECKSUMS = "final-checksums.tsv";

  private final Path folder;
  private final long clusterId;

  private Capture(Path folder, long clusterId) {
    this.folder = folder;
    this.clusterId = clusterId;
  }

  /** Opens a folder; the error names what is missing. */
  public static Capture open(Path folder) {
    for (String name : List.of(BINLOGS, META, CLUSTER_ID)) {
      if (!Files.isRegularFile(folder.resolve(name))) {
        throw new OperatorException(
            "not a capture: "
                + folder.resolve(name)
                + " is missing; give a folder that `capture`"
                + " wrote");
      }
    }
    try {
      String id = Files.readString(folder.resolve(CLUSTER_ID)).trim();
      return new Capture(folder, Long.parseUnsignedLong(id));
    } catch (NumberFormatException e) {
      throw new OperatorException(
          "not a cluster id in " + folder.resolve(CLUSTER_ID) + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + folder.resolve(CLUSTER_ID), e);
    }
  }

  public Path folder() {
    return folder;
  }

  public String name() {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }

  /** Unsigned. */
  public long clusterId() {
    return clusterId;
  }

  /** A fresh pass over the matched Binlog messages, in commit order. */
  public CaptureReader binlogs() {
    return CaptureReader.open(folder.resolve(BINLOGS));
  }

  /** The recorded truth: {@code final.tsv}, else the checksums, else empty. */
  public Optional<Path> truth() {
    for (String name : List.of(FINAL, CHECKSUMS)) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return Optional.of(folder.resolve(name));
      }
    }
    return Optional.empty();
  }

  /** Every recorded meta key. */
  public List<MetaPair> meta() {
    Path file = folder.resolve(META);
    ObjectMapper json = new ObjectMapper();
    List<MetaPair> pairs = new ArrayList<>();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          JsonNode pair = json.readTree(line);
          pairs.add(new MetaPair(bytes(pair, "k"), bytes(pair, "v")));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new OperatorException(
          "unreadable line " + (pairs.size() + 1) + " of " + file + ": " + e.getMessage(), e);
    }
    return pairs;
  }

  private static byte[] bytes(JsonNode pair, String field) {
    return HexFormat.of().parseHex(pair.path(field).asText());
  }
}
