/** What commands show while they work. */
@NullMarked
package org.tidbbinlog.tools.terminal;

import org.jspecify.annotations.NullMarked;
