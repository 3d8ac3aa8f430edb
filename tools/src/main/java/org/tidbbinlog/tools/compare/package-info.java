/** Compares what a target holds with what it must hold, value by value. */
@NullMarked
package org.tidbbinlog.tools.compare;

import org.jspecify.annotations.NullMarked;
