package org.tidbbinlog.tools.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.tools.compare.TruthTable.TruthRow;

class FinalTsvTest {
  private static final Path CAPTURES = Path.of(System.getProperty("captures.dir"));

  @Test
  void types_ofCapture_parseWithEveryTable() {
    List<TruthTable> tables = FinalTsv.read(CAPTURES.resolve("01-types/final.tsv"));
    assertThat(tables)
        .extracting(TruthTable::table)
        .containsExactly("defs", "gbkt", "ints", "lat", "nums", "odds", "strs", "times");
    TruthTable strs = tables.get(6);
    assertThat(strs.rows()).hasSize(4);
    assertThat(strs.rows().get(1)).isInstanceOf(TruthRow.Digest.class);
  }

  @Test
  void keys_withOddName_areKept() {
    List<TruthTable> tables = FinalTsv.read(CAPTURES.resolve("02-keys/final.tsv"));
    TruthTable weird = tables.get(tables.size() - 1);
    assertThat(weird.name()).isEqualTo("keys_.weird `name");
    assertThat(weird.columns()).containsExactly("select", "from", "a b", "中文");
    assertThat(weird.rows()).containsExactly(new TruthRow.Fields(List.of("1", "x", "2", "4")));
  }

  @Test
  void tableListedTwice_countsOnce_withEachColumnOnce() {
    List<TruthTable> tables = FinalTsv.read(CAPTURES.resolve("08-rename-cycle/final.tsv"));
    assertThat(tables).hasSize(2);
    assertThat(tables.get(1).columns()).containsExactly("id");
    assertThat(tables.get(1).rows()).contains(new TruthRow.Fields(List.of("11")));
  }

  @Test
  void escapes_areUndoneAndDoneAlike() {
    String text = "a\tb\nc\\d\0e";
    assertThat(BatchText.escape(text)).isEqualTo("a\\tb\\nc\\\\d\\0e");
    assertThat(BatchText.unescape(BatchText.escape(text))).isEqualTo(text);
    assertThat(BatchText.fields("1\t\\t\t")).containsExactly("1", "\t", "");
  }

  @Test
  void text_withoutHeader_isRefused() {
    assertThatThrownBy(() -> FinalTsv.parse("1\t2\n", "file"))
        .isInstanceOf(OperatorException.class);
  }
}
