package org.tidbbinlog.node.config;

import java.util.Comparator;
import java.util.List;

/** The usage text in the layout of Go's {@code flag} package, then examples. */
final class Usage {
  private Usage() {}

  static String text(
      String command, String summary, List<Option<?>> options, List<String> examples) {
    StringBuilder out = new StringBuilder();
    out.append("Usage of ").append(command).append(":\n");
    if (!summary.isEmpty()) {
      out.append("  ").append(summary).append("\n\n");
    }
    options.stream()
        .filter(option -> !option.flag().isEmpty())
        .sorted(Comparator.comparing(Option::flag))
        .forEach(option -> one(out, option));
    if (!examples.isEmpty()) {
      out.append("\nExamples:\n");
      examples.forEach(line -> out.append("  ").append(line).append('\n'));
    }
    return out.toString();
  }

  private static <T> void one(StringBuilder out, Option<T> option) {
    String type = option.kind().typeName();
    out.append("  -").append(option.flag()).append(type.isEmpty() ? "" : " " + type);
    out.append("\n    \t").append(option.doc());
    if (option.fate() == Option.Fate.IGNORED) {
      out.append(option.doc().isEmpty() ? "" : " ").append("(accepted and ignored)");
    }
    String shown = option.showFallback();
    if (!shown.isEmpty() && !shown.equals("0") && !shown.equals("false")) {
      String quote = type.equals("string") ? "\"" : "";
      out.append(" (default ").append(quote).append(shown).append(quote).append(')');
    }
    out.append('\n');
  }
}
