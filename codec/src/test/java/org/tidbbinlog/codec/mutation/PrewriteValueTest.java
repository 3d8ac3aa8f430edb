package org.tidbbinlog.codec.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.RowVectors;
import org.tidbbinlog.codec.bytes.ByteWriter;

class PrewriteValueTest {
  private static final HexFormat HEX = HexFormat.of();

  @Test
  @DisplayName("mutations fact 4: the sequence consumes one element of each list")
  void vector_isWalkedInSequence_andWrittenToTheSameBytes() {
    byte[] bytes = RowVectors.bytes(RowVectors.named("mutations", "prewrite-value"));
    PrewriteValue value = PrewriteValue.over(ByteBuffer.wrap(bytes));
    assertThat(value.schemaVersion()).isEqualTo(52);
    assertThat(value.tableCount()).isEqualTo(1);
    PrewriteValueBuilder builder = new PrewriteValueBuilder(52);
    List<MutationKind> kinds = new ArrayList<>();
    for (TableMutation table : value) {
      assertThat(table.tableId()).isEqualTo(45);
      assertThat(table.rowCount()).isEqualTo(3);
      for (RowMutation row : table) {
        kinds.add(row.kind());
        builder.add(table.tableId(), row.kind(), copy(row.row()));
      }
    }
    assertThat(kinds)
        .containsExactly(MutationKind.INSERT, MutationKind.UPDATE, MutationKind.DELETE);
    assertThat(builder.toBytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0800120a082d12010038003800", "08001206082d12010012", "0800120408001201"})
  @DisplayName("mutations fact 4: an extra sequence entry, or a missing one, is corruption")
  void sequenceThatDoesNotFitTheRows_isCorruption(String hex) {
    assertCorrupt(hex);
    assertCorrupt("08001205082d120100");
  }

  @ParameterizedTest
  @ValueSource(strings = {"02", "03", "05", "ffffffffffffffffff01"})
  @DisplayName("mutations fact 5: obsolete and unknown mutation types are refused")
  void unknownMutationType_isRefused(String type) {
    String table = "082d38" + type;
    assertThatThrownBy(() -> walk("080012" + HEX.toHexDigits((byte) (table.length() / 2)) + table))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("unknown mutation type");
  }

  @Test
  @DisplayName("mutations fact 5: obsolete lists are passed over")
  void obsoleteLists_areIgnored() {
    assertThat(walk("08001207082d20052a0161")).isEmpty();
  }

  @Test
  void packedSequence_andFieldsInAnyOrder_areAccepted() {
    assertThat(
            walk("1211" + "3a020400" + "320144" + "120149" + "082d" + "3801" + "1a0155" + "0807"))
        .containsExactly("DELETE 44", "INSERT 49", "UPDATE 55");
  }

  @Test
  @DisplayName("pump-protocol section 4: zero version and zero table id are written")
  void zeroNumbers_areWritten() {
    assertThat(HEX.formatHex(new PrewriteValueBuilder(0).table(9).toBytes()))
        .isEqualTo("080012020809");
    byte[] row = {1};
    assertThat(
            HEX.formatHex(
                new PrewriteValueBuilder(0).insert(0, row).update(0, row).delete(0, row).toBytes()))
        .isEqualTo("08001211" + "0800" + "120101" + "1a0101" + "320101" + "380038013804");
  }

  @Test
  @Timeout(60)
  void mappedGigabyte_isWalkedInConstantHeap(@TempDir Path folder) throws IOException {
    int rows = 1024;
    int rowBytes = (1 << 20) - 16;
    Path file = folder.resolve("payload");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw");
        FileChannel channel = out.getChannel()) {
      writeSparse(out, rows, rowBytes);
      ByteBuffer mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()).asReadOnlyBuffer();
      assertThat(mapped.remaining()).isGreaterThan(1_000_000_000);
      long before = allocated();
      int seen = 0;
      for (TableMutation table : PrewriteValue.over(mapped)) {
        for (RowMutation row : table) {
          seen += row.row().remaining() == rowBytes ? 1 : 0;
        }
      }
      assertThat(allocated() - before).isLessThan(4 << 20);
      assertThat(seen).isEqualTo(rows);
    }
  }

  private static void writeSparse(RandomAccessFile out, int rows, int rowBytes) throws IOException {
    byte[] rowHead = new ByteWriter().u8(0x12).uvarint(rowBytes).toBytes();
    long table = 2 + (long) rows * (rowHead.length + rowBytes) + 2L * rows;
    out.write(new ByteWriter().u8(8).u8(1).u8(0x12).uvarint(table).u8(8).u8(45).toBytes());
    for (int i = 0; i < rows; i++) {
      out.write(rowHead);
      out.seek(out.getFilePointer() + rowBytes);
    }
    for (int i = 0; i < rows; i++) {
      out.write(new byte[] {0x38, 0});
    }
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static void assertCorrupt(String hex) {
    assertThatThrownBy(() -> walk(hex)).isInstanceOf(DecodeException.class);
  }

  private static List<String> walk(String hex) {
    List<String> rows = new ArrayList<>();
    for (TableMutation table : PrewriteValue.over(ByteBuffer.wrap(HEX.parseHex(hex)))) {
      for (RowMutation row : table) {
        rows.add(row.kind() + " " + HEX.formatHex(copy(row.row())));
      }
    }
    return rows;
  }

  private static byte[] copy(ByteBuffer row) {
    byte[] bytes = new byte[row.remaining()];
    row.duplicate().get(bytes);
    return bytes;
  }
}
