package org.tidbbinlog.tools.differ;

import java.util.Optional;
import org.tidbbinlog.tools.compare.TargetAddress;

/** The machine as a method of texts and numbers, which may be called across class loaders. */
public final class DifferProbe {
  private DifferProbe() {}

  /** The first difference of the first of some seeds that has one, behind the seed; or nothing. */
  public static String failure(String target, long first, int seeds) throws Exception {
    try (Differ differ =
        Differ.open(Optional.of(TargetAddress.parse(target)), Differ.Telling.DIFFERENCES)) {
      for (long seed = first; seed < first + seeds; seed++) {
        String failure = differ.run(seed).failure();
        if (!failure.isEmpty()) {
          return seed + "\t" + failure;
        }
      }
      return "";
    }
  }
}
