/** Parts of {@code bench drainer} that need no process. */
@NullMarked
package org.tidbbinlog.tools.bench.drain;

import org.jspecify.annotations.NullMarked;
