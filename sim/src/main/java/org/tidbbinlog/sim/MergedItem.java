package org.tidbbinlog.sim;

import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.merge.Merger;

/** What a Drainer keeps of a pulled record while it merges. */
record MergedItem(String pump, Tso commitTs, boolean isFake, int sizeBytes)
    implements Merger.Timestamped {}
