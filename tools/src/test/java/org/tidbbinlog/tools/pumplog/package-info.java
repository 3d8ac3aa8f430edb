/** The command {@code pump-log} over small directories. */
@NullMarked
package org.tidbbinlog.tools.pumplog;

import org.jspecify.annotations.NullMarked;
