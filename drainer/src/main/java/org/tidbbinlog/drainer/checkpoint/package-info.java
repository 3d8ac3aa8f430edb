/** How far the target is, kept durably and never moved back (I6). */
@NullMarked
package org.tidbbinlog.drainer.checkpoint;

import org.jspecify.annotations.NullMarked;
