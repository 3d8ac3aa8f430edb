/** DDL that the target refuses: what is held, what people chose for it, and the log of both. */
@NullMarked
package org.tidbbinlog.drainer.airlock;

import org.jspecify.annotations.NullMarked;
