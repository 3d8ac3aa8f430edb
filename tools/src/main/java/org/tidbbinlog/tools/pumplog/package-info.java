/** The command {@code pump-log}: looks into a Pump's data directory from outside. */
@NullMarked
package org.tidbbinlog.tools.pumplog;

import org.jspecify.annotations.NullMarked;
