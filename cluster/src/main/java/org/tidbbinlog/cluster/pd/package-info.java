/** PD: members and leader, timestamps, regions, GC safe points. */
@NullMarked
package org.tidbbinlog.cluster.pd;

import org.jspecify.annotations.NullMarked;
