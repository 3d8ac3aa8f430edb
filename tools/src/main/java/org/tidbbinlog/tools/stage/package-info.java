/**
 * A whole cluster on one machine: PD and TiKV doubles, a target, and Pumps and a Drainer as real
 * processes.
 */
@NullMarked
package org.tidbbinlog.tools.stage;

import org.jspecify.annotations.NullMarked;
