package org.tidbbinlog.tools.differ;

import java.util.List;

/**
 * How one case went.
 *
 * @param differences none when the target equals the model
 * @param story what happened to the rows that differ, and how to see it again; nothing when none do
 */
public record CaseOutcome(
    long seed,
    long transactions,
    long rows,
    long ddl,
    String plan,
    List<String> differences,
    List<String> story) {
  public CaseOutcome {
    differences = List.copyOf(differences);
    story = List.copyOf(story);
  }

  public boolean isEqual() {
    return differences.isEmpty();
  }

  /** The first difference, or nothing. */
  public String failure() {
    return isEqual() ? "" : differences.get(0);
  }

  public String report() {
    StringBuilder text = new StringBuilder();
    text.append("seed ").append(seed).append(": ").append(plan);
    differences.stream().limit(10).forEach(line -> text.append("\n  ").append(line));
    if (differences.size() > 10) {
      text.append("\n  and ").append(differences.size() - 10).append(" more");
    }
    story.forEach(line -> text.append("\n    ").append(line));
    return text.append("\n  again: tidb-binlog differ --seed ").append(seed).toString();
  }
}
