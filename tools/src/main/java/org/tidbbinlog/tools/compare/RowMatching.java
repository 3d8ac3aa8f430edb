package org.tidbbinlog.tools.compare;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.tools.compare.TargetTable.TargetColumn;
import org.tidbbinlog.tools.compare.TruthTable.TruthRow;

/**
 * Takes the rows of one target table off the multiset of rows that must be there, and describes
 * what is left on either side: by key and column where the table has a key.
 */
final class RowMatching {
  /** Stands for NULL, and for the text {@code NULL}, which batch mode prints alike. */
  private static final String NULL = "NULL";

  private static final int SHOWN_CHARS = 120;

  private final TruthTable truth;
  private final List<TargetColumn> columns;
  private final List<Integer> keyPositions;
  private final ComparisonReport.Collector differences;
  private final Map<List<String>, Integer> expected = new HashMap<>();
  private final Map<String, Integer> expectedDigests = new HashMap<>();
  private final List<List<String>> unexpected = new ArrayList<>();

  RowMatching(
      TruthTable truth,
      List<TargetColumn> columns,
      List<Integer> keyPositions,
      ComparisonReport.Collector differences) {
    this.truth = truth;
    this.columns = columns;
    this.keyPositions = keyPositions;
    this.differences = differences;
    for (TruthRow row : truth.rows()) {
      if (row instanceof TruthRow.Digest digest) {
        expectedDigests.merge(digest.sha256(), 1, Integer::sum);
      } else if (row instanceof TruthRow.Fields fields) {
        expect(fields.values());
      }
    }
  }

  private void expect(List<String> values) {
    if (values.size() != columns.size()) {
      differences.add(
          truth.name() + ": truth has a row of " + values.size() + " fields: " + show(values));
      return;
    }
    List<String> row = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      row.add(canonical(i, values.get(i)));
    }
    expected.merge(row, 1, Integer::sum);
  }

  /** A row of the target. */
  void found(List<Optional<String>> values) {
    List<String> row = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      row.add(canonical(i, values.get(i).orElse(NULL)));
    }
    if (!take(expected, row)
        && (expectedDigests.isEmpty() || !take(expectedDigests, digest(values)))) {
      unexpected.add(row);
    }
  }

  private String canonical(int column, String text) {
    return text.equals(NULL) ? NULL : columns.get(column).kind().canonicalOrText(text);
  }

  private static <K> boolean take(Map<K, Integer> counts, K key) {
    int left = counts.getOrDefault(key, 0);
    if (left > 1) {
      counts.put(key, left - 1);
    } else {
      counts.remove(key);
    }
    return left > 0;
  }

  private String digest(List<Optional<String>> values) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      TargetColumn column = columns.get(i);
      line.append(i == 0 ? "" : "\t")
          .append(
              values.get(i).map(v -> BatchText.escape(column.kind().batchText(v))).orElse(NULL));
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(sha256.digest(line.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reports what was left on either side. */
  void finish() {
    Map<List<String>, List<String>> missingByKey = new HashMap<>();
    List<List<String>> missing = new ArrayList<>();
    expected.forEach(
        (row, count) -> {
          for (int i = 0; i < count; i++) {
            missing.add(row);
          }
          if (!keyPositions.isEmpty()) {
            missingByKey.put(key(row), row);
          }
        });
    for (List<String> row : unexpected) {
      @Nullable List<String> wanted = keyPositions.isEmpty() ? null : missingByKey.remove(key(row));
      if (wanted == null) {
        differences.add(truth.name() + ": row should not be there: " + describe(row));
      } else {
        missing.remove(wanted);
        describeCells(wanted, row);
      }
    }
    for (List<String> row : missing) {
      differences.add(truth.name() + ": row is missing: " + describe(row));
    }
    expectedDigests.forEach(
        (digest, count) ->
            differences.add(
                truth.name() + ": row is missing or differs: long row with sha256 " + digest));
  }

  private List<String> key(List<String> row) {
    return keyPositions.stream().map(row::get).toList();
  }

  private void describeCells(List<String> wanted, List<String> found) {
    StringBuilder key = new StringBuilder();
    for (int position : keyPositions) {
      key.append(key.isEmpty() ? "" : ", ")
          .append(columns.get(position).name())
          .append('=')
          .append(show(wanted.get(position)));
    }
    for (int i = 0; i < wanted.size(); i++) {
      if (!wanted.get(i).equals(found.get(i))) {
        differences.add(
            "%s: row %s, column %s: expected %s, found %s"
                .formatted(
                    truth.name(),
                    key,
                    columns.get(i).name(),
                    show(wanted.get(i)),
                    show(found.get(i))));
      }
    }
  }

  private String describe(List<String> row) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      out.append(i == 0 ? "" : ", ")
          .append(columns.get(i).name())
          .append('=')
          .append(show(row.get(i)));
    }
    return out.length() > 4 * SHOWN_CHARS
        ? out.substring(0, 4 * SHOWN_CHARS) + "…"
        : out.toString();
  }

  private static String show(List<String> values) {
    return show(String.join(", ", values));
  }

  private static String show(String value) {
    String escaped = BatchText.escape(value);
    return escaped.length() <= SHOWN_CHARS
        ? escaped
        : escaped.substring(0, SHOWN_CHARS) + "… (" + escaped.length() + " characters)";
  }
}
