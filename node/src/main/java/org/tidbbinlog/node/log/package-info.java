/** The original's log line format, levels and rotated files. */
@NullMarked
package org.tidbbinlog.node.log;

import org.jspecify.annotations.NullMarked;
