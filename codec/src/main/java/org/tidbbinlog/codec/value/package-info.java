/** Typed values of table columns, as sinks and comparisons see them. */
@NullMarked
package org.tidbbinlog.codec.value;

import org.jspecify.annotations.NullMarked;
