/** Records what live Pumps and TiKV hold into a capture folder. */
@NullMarked
package org.tidbbinlog.tools.capture;

import org.jspecify.annotations.NullMarked;
