package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Shortens files of a relay log where records end, as if the rest had never been. */
public final class RelayCut {
  private RelayCut() {}

  /** Leaves as many items in the first file of a folder; answers where it ends now. */
  public static long toItems(Path folder, int items) throws IOException {
    RelayFile named = RelayFile.list(folder).get(0);
    Path file = named.path();
    List<Long> ends = recordEnds(file);
    for (int i = ends.size() - 1; i >= 0; i--) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(ends.get(i));
      }
      if (RelayReader.read(named).items().size() == items) {
        return ends.get(i);
      }
    }
    throw new IllegalArgumentException(file + " has no " + items + " items");
  }

  static List<Long> recordEnds(Path file) throws IOException {
    List<Long> ends = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      RelayFrames frames = new RelayFrames(channel);
      long position = 0;
      while (frames.at(position).fault() == RelayFrames.Fault.NONE) {
        position += frames.at(position).sizeBytes();
        ends.add(position);
      }
    }
    return ends;
  }
}
