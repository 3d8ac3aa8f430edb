/** The drainer program: the Drainer together with the targets it can write to. */
@NullMarked
package org.tidbbinlog.sinks;

import org.jspecify.annotations.NullMarked;
