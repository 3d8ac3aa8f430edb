/** Plays a capture through real Pump and Drainer processes. */
@NullMarked
package org.tidbbinlog.tools.replay;

import org.jspecify.annotations.NullMarked;
