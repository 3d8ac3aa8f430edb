/** The command {@code ddl}: what a Drainer holds, and choosing for it. */
@NullMarked
package org.tidbbinlog.tools.ddl;

import org.jspecify.annotations.NullMarked;
