package org.tidbbinlog.codec.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The files of one recorded cluster, unpacked. */
record CaptureFolder(Path folder) {

  static List<CaptureFolder> all() throws IOException {
    try (var folders = Files.list(Path.of(System.getProperty("captures.dir")))) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("binlogs.bin.gz")))
          .sorted()
          .map(CaptureFolder::new)
          .toList();
    }
  }

  List<ByteBuffer> binlogs() throws IOException {
    ByteBuffer all = ByteBuffer.wrap(unpack("binlogs.bin.gz")).order(ByteOrder.LITTLE_ENDIAN);
    List<ByteBuffer> binlogs = new ArrayList<>();
    while (all.hasRemaining()) {
      int length = all.getInt();
      binlogs.add(all.slice(all.position(), length));
      all.position(all.position() + length);
    }
    return binlogs;
  }

  /** One key of the meta space with its value. */
  record Pair(byte[] key, byte[] value) {}

  List<Pair> meta() throws IOException {
    List<Pair> meta = new ArrayList<>();
    ObjectMapper mapper = new ObjectMapper();
    String text = new String(unpack("meta.jsonl.gz"), StandardCharsets.UTF_8);
    for (String line : text.lines().toList()) {
      JsonNode pair = mapper.readTree(line);
      meta.add(new Pair(hex(pair.get("k")), hex(pair.get("v"))));
    }
    return meta;
  }

  List<JsonNode> history() throws IOException {
    List<JsonNode> jobs = new ArrayList<>();
    new ObjectMapper().readTree(unpack("history.json.gz")).forEach(jobs::add);
    return jobs;
  }

  private static byte[] hex(JsonNode text) {
    return HexFormat.of().parseHex(text.asText());
  }

  private byte[] unpack(String name) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve(name)))) {
      return in.readAllBytes();
    }
  }

  @Override
  public String toString() {
    return folder.getFileName().toString();
  }
}
