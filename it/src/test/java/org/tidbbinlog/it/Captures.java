package org.tidbbinlog.it;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.tools.replay.ReplayOptions;

/** The recorded clusters of this project. */
final class Captures {
  private static final Path ALL = Path.of(System.getProperty("captures.dir"));

  private Captures() {}

  static Path folder(String name) {
    return ALL.resolve(name);
  }

  /** A replay that is compared with the recorded truth. */
  static ReplayOptions options(String name, int pumps, Path dir, long seed) {
    return new ReplayOptions(
        folder(name),
        pumps,
        8,
        Optional.empty(),
        Capture.open(folder(name)).truth(),
        dir,
        0,
        seed,
        List.of());
  }
}
