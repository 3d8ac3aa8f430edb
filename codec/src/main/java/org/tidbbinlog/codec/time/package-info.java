/** Calendar and clock times as bits and as text. */
@NullMarked
package org.tidbbinlog.codec.time;

import org.jspecify.annotations.NullMarked;
