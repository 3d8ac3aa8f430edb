package org.tidbbinlog.drainer.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in the folder while a payload comes, and after a crash. */
class SpillFolderTest {
  private static final int SIZE_BYTES = 300_000;

  @TempDir Path dir;

  @Test
  void payload_underWay_hasNoName() throws Exception {
    SpillFolder spill = new SpillFolder(dir.resolve("spill"), 10);
    byte[] bytes = new byte[SIZE_BYTES];
    bytes[SIZE_BYTES - 1] = 7;
    ByteArrayInputStream watched =
        new ByteArrayInputStream(bytes) {
          private int reads;

          @Override
          public synchronized int read(byte[] into, int from, int length) {
            if (reads++ > 1) { // the first may be asked for before the file is opened
              assertThat(names(spill.folder())).isZero();
            }
            return super.read(into, from, length);
          }
        };
    PulledPayload payload = spill.read(CodedInputStream.newInstance(watched, 512), SIZE_BYTES);
    assertThat(payload.size()).isEqualTo(SIZE_BYTES);
    byte last = payload.read(whole -> whole.at(SIZE_BYTES - 1));
    assertThat(last).isEqualTo((byte) 7);
    assertThat(names(spill.folder())).isZero();
  }

  @Test
  void leftovers_ofACrash_areRemoved() throws Exception {
    Path folder = Files.createDirectories(dir.resolve("spill"));
    Files.write(folder.resolve("transaction-123.spill"), new byte[100]);
    new SpillFolder(folder, 10).clean();
    assertThat(names(folder)).isZero();
    new SpillFolder(dir.resolve("not there"), 10).clean();
  }

  private static long names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
