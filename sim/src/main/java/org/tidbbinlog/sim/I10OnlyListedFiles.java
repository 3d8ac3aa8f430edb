package org.tidbbinlog.sim;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.tidbbinlog.pump.storage.SegmentInfo;

/**
 * I10: what was collected frees its space. After a collection there is no file of the value log on
 * the disk, and no proof of one, that the saved state does not list; of files that could not be
 * deleted the next collection is in charge.
 */
final class I10OnlyListedFiles {
  private static final List<String> FOLDERS = List.of("value", "proof");

  void collected(SimPump pump) {
    NavigableSet<Integer> listed = new TreeSet<>();
    pump.engine().segments().stream().map(SegmentInfo::id).forEach(listed::add);
    for (String folder : FOLDERS) {
      for (String name : pump.disk().list(folder)) {
        int id = Integer.parseInt(name.substring(0, name.indexOf('.')));
        // One behind the last may have been begun and not finished.
        boolean begun = listed.isEmpty() || id == listed.last() + 1;
        if (!listed.contains(id) && !begun) {
          throw new Violation(
              "I10", pump.id() + " keeps " + folder + "/" + name + ", has segments " + listed);
        }
      }
    }
  }
}
