package org.tidbbinlog.tools.compare;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.tidbbinlog.testkit.workload.TruthStructure;

/**
 * Compares how a target defines its tables with how TiDB does: of each column type, collation, NOT
 * NULL, default, how it is generated, and its place; of each index its columns in order, their
 * prefixes and whether it is unique; partitions, comment; and which views and sequences there are.
 * What a target says in other words is known to {@link TargetWords} alone.
 */
public final class StructureComparison {
  private final Connection connection;

  public StructureComparison(Connection connection) {
    this.connection = connection;
  }

  /**
   * One line each; nothing is written.
   *
   * @param databases that must hold the truth and nothing else
   */
  public List<String> differences(List<TruthStructure> truth, Collection<String> databases)
      throws SQLException {
    SortedMap<String, ObjectStructure> expected = ModelStructure.of(truth);
    SortedMap<String, ObjectStructure> found = TargetStructure.read(connection, databases);
    List<String> differences = new ArrayList<>();
    for (String name : all(expected.keySet(), found.keySet())) {
      ObjectStructure there = found.get(name);
      ObjectStructure wanted = expected.get(name);
      if (there == null) {
        differences.add(name + ": " + word(Objects.requireNonNull(wanted)) + " is missing");
      } else if (wanted == null) {
        differences.add(name + ": " + word(there) + " should not be there");
      } else if (wanted.kind() != there.kind()) {
        differences.add(name + ": expected a " + word(wanted) + ", found a " + word(there));
      } else {
        compare(wanted, there, differences);
      }
    }
    return differences;
  }

  private static void compare(
      ObjectStructure wanted, ObjectStructure there, List<String> differences) {
    for (String facet : all(wanted.facets().keySet(), there.facets().keySet())) {
      String expected = wanted.facets().get(facet);
      String found = there.facets().get(facet);
      String where = wanted.name() + ": " + facet;
      if (found == null) {
        differences.add(where + " is missing: " + expected);
      } else if (expected == null) {
        differences.add(where + " should not be there: " + found);
      } else if (!expected.equals(found)) {
        differences.add(where + ": expected " + expected + ", found " + found);
      }
    }
  }

  private static Set<String> all(Set<String> one, Set<String> other) {
    Set<String> all = new TreeSet<>(one);
    all.addAll(other);
    return all;
  }

  private static String word(ObjectStructure structure) {
    return structure.kind().name().toLowerCase(Locale.ROOT);
  }
}
