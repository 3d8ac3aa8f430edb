package org.tidbbinlog.testkit.workload;

import org.tidbbinlog.base.Tso;

/** A step whose turn comes later: it only lacks its timestamp. */
interface Planned {
  WorkloadStep at(Tso startTs);
}
