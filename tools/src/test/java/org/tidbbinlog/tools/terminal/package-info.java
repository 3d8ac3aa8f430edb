/** Tests. */
@NullMarked
package org.tidbbinlog.tools.terminal;

import org.jspecify.annotations.NullMarked;
