package org.tidbbinlog.sinks.relay;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * The files of a relay log as one stream, and whether any of it is missing. Each head names the
 * last item of the file before; a file says when the next one is there. So:
 *
 * <ul>
 *   <li>damage is an end only in the last file, and only where nothing behind it was written after
 *       a force ({@link RelayDamage});
 *   <li>in another file it does no harm behind the last item that the next head names (a run that
 *       crashed, a file that a crash kept from being ended);
 *   <li>a file that is missing, renamed or shortened is noticed by the next head, the last one by
 *       the file before it;
 *   <li>what is at or below the checkpoint is not needed.
 * </ul>
 *
 * What no file can tell: that the newest records were forced and are gone, cut off without a trace
 * or damaged with nothing behind them. There the target is asked what it has seen ({@link
 * RelayReplay}). Files of version 1 name no others: there a missing number is noticed, and damage
 * anywhere before whole records.
 */
final class RelayChain {
  private final List<RelayReader> files;
  private final Optional<RelayFile> unborn;

  private RelayChain(List<RelayReader> files, Optional<RelayFile> unborn) {
    this.files = List.copyOf(files);
    this.unborn = unborn;
  }

  /**
   * @throws OperatorException when a file cannot be understood
   */
  static RelayChain read(Path folder) throws IOException {
    List<RelayReader> files = new ArrayList<>();
    for (RelayFile file : RelayFile.list(folder)) {
      files.add(RelayReader.read(file));
    }
    if (files.isEmpty() || !isUnborn(files)) {
      return new RelayChain(files, Optional.empty());
    }
    RelayReader last = files.remove(files.size() - 1);
    return new RelayChain(files, Optional.of(last.file()));
  }

  /** A crash came while the last file was made: it has no head, and nobody was told of it. */
  private static boolean isUnborn(List<RelayReader> files) {
    RelayReader last = files.get(files.size() - 1);
    boolean promised = files.size() > 1 && files.get(files.size() - 2).isFollowed();
    return last.endOffset() == 0 && !promised && last.isAtMostTorn();
  }

  /** In order, without {@link #unborn}. */
  List<RelayReader> files() {
    return files;
  }

  /** A last file that a crash kept from having a head. */
  Optional<RelayFile> unborn() {
    return unborn;
  }

  /**
   * @param checkpoint everything up to here is at the target for good
   * @throws OperatorException when a file is damaged where a crash does not damage it
   */
  void requireUndamaged(Tso checkpoint) {
    for (int i = 0; i < files.size(); i++) {
      RelayReader file = files.get(i);
      if (file.damage().isPresent() && !isHarmless(i, checkpoint)) {
        throw damaged(file, file.damage().get(), i);
      }
    }
  }

  private boolean isHarmless(int index, Tso checkpoint) {
    RelayReader file = files.get(index);
    boolean torn = file.isAtMostTorn();
    if (index == files.size() - 1) {
      return torn && file.endOffset() > 0;
    }
    RelayReader next = files.get(index + 1);
    return next.head().isChained()
        ? follows(next, file) || !next.head().previousLast().isAfter(checkpoint)
        : torn && overlaps(next, file);
  }

  private OperatorException damaged(RelayReader file, RelayDamage damage, int index) {
    Optional<Tso> next =
        index + 1 < files.size()
            ? Optional.of(files.get(index + 1).head().previousLast()).filter(ts -> !ts.isZero())
            : Optional.empty();
    return new OperatorException(
        "relay log "
            + file.file().path()
            + " is damaged at offset "
            + damage.offset()
            + ": "
            + damage.what()
            + ", behind commit ts "
            + file.last()
            + damage.before().or(() -> next).map(ts -> " and not behind " + ts).orElse("")
            + "; "
            + wayOut(file.file()));
  }

  static String wayOut(RelayFile file) {
    return "nothing of it is applied and the checkpoint stays as it is: put "
        + file.path().getFileName()
        + " back from a copy, or start with upstream there and all files of that folder moved away:"
        + " upstream sends again what is behind the checkpoint";
  }

  /**
   * The items behind the checkpoint, each once: a later run writes again what an earlier one wrote
   * and did not see acknowledged.
   *
   * @throws OperatorException when the files do not hold all of them
   */
  List<SinkItem> behind(Tso checkpoint) {
    requireUndamaged(checkpoint);
    List<SinkItem> items = new ArrayList<>();
    Tso reached = checkpoint;
    for (int i = 0; i < files.size(); i++) {
      RelayReader file = files.get(i);
      requireNoGap(i, checkpoint, reached);
      for (SinkItem item : file.items()) {
        if (item.commitTs().isAfter(reached)) {
          items.add(item);
          reached = item.commitTs();
        }
      }
    }
    if (!files.isEmpty() && files.get(files.size() - 1).isFollowed()) {
      RelayReader last = files.get(files.size() - 1);
      throw gap(last, "was followed by another file, which is missing", last.last());
    }
    return items;
  }

  private void requireNoGap(int index, Tso checkpoint, Tso reached) {
    RelayReader file = files.get(index);
    RelayHead head = file.head();
    Optional<RelayReader> before =
        index == 0 ? Optional.empty() : Optional.of(files.get(index - 1));
    if (!head.isChained()) {
      if (before.isPresent()
          && file.file().index() != before.get().file().index() + 1
          && !overlaps(file, before.get())) {
        throw gap(file, "does not follow on " + before.get().file().path(), reached);
      }
      return;
    }
    boolean linked = before.filter(found -> follows(file, found)).isPresent();
    if (!linked && head.previousLast().isAfter(checkpoint)) {
      throw gap(
          file,
          "follows on a file that ended with commit ts "
              + head.previousLast()
              + ", which is missing or is not whole",
          reached);
    }
    if (head.after().isAfter(reached)) {
      throw gap(file, "begins behind commit ts " + head.after(), reached);
    }
  }

  private static boolean follows(RelayReader file, RelayReader before) {
    return file.file().index() == before.file().index() + 1
        && file.head().previousLast().equals(before.last());
  }

  /** A later run began before the end of an earlier one: nothing is missing in between. */
  private static boolean overlaps(RelayReader file, RelayReader before) {
    return !file.items().isEmpty() && !file.items().get(0).commitTs().isAfter(before.last());
  }

  private static OperatorException gap(RelayReader file, String what, Tso reached) {
    return new OperatorException(
        "relay log "
            + file.file().path()
            + " "
            + what
            + ": something behind commit ts "
            + reached
            + " is missing; "
            + wayOut(file.file()));
  }
}
