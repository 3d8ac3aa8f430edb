package org.tidbbinlog.tools.compare;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.codec.value.ValueText;

/** The generator's truth in the form that targets are compared with. */
public final class WorkloadTruth {
  private WorkloadTruth() {}

  public static List<TruthTable> of(List<org.tidbbinlog.testkit.workload.TruthTable> tables) {
    return tables.stream().map(WorkloadTruth::table).toList();
  }

  private static TruthTable table(org.tidbbinlog.testkit.workload.TruthTable table) {
    return new TruthTable(
        table.schema(),
        table.table(),
        table.columns().stream().map(column -> column.name().original()).toList(),
        table.rows().stream().map(WorkloadTruth::row).toList());
  }

  private static TruthTable.TruthRow row(List<ColumnValue> values) {
    return new TruthTable.TruthRow.Fields(values.stream().map(WorkloadTruth::text).toList());
  }

  /** As TiDB prints it; bits and bytes in hex. */
  static String text(ColumnValue value) {
    return switch (value.kind()) {
      case ENUM -> ((ColumnValue.EnumMember) value).name();
      case SET -> ((ColumnValue.SetMembers) value).names();
      case BIT -> Long.toHexString(((ColumnValue.Bits) value).value()).toUpperCase(Locale.ROOT);
      case BINARY -> HexFormat.of().withUpperCase().formatHex(((ColumnValue.Binary) value).bytes());
      case TEXT -> new String(((ColumnValue.Text) value).utf8(), StandardCharsets.UTF_8);
      default -> ValueText.of(value);
    };
  }
}
