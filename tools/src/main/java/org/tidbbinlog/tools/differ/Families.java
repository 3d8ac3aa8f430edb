package org.tidbbinlog.tools.differ;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tidbbinlog.testkit.workload.WorkloadStep.RowTouch;

/** Which rows of a history belong together, over whatever they share at any time. */
final class Families {
  private final Map<String, Integer> members = new HashMap<>();
  private int[] parents = new int[64];
  private int count;

  void add(RowTouch row) {
    int family = -1;
    for (String name : row.names()) {
      Integer known = members.get(name);
      int own = known == null ? make(name) : root(known);
      if (family >= 0 && family != own) {
        parents[own] = family;
      } else {
        family = own;
      }
    }
  }

  private int make(String name) {
    if (count == parents.length) {
      parents = java.util.Arrays.copyOf(parents, count * 2);
    }
    parents[count] = count;
    members.put(name, count);
    return count++;
  }

  private int root(int member) {
    int at = member;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  Set<Integer> all() {
    Set<Integer> roots = new TreeSet<>();
    members.values().forEach(member -> roots.add(root(member)));
    return roots;
  }

  int of(RowTouch row) {
    return of(row.names().iterator().next());
  }

  /** The family of a row that is there in the end; -1 when nothing touched it. */
  int of(String name) {
    Integer member = members.get(name);
    return member == null ? -1 : root(member);
  }
}
