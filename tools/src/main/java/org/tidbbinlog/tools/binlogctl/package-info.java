/** The command {@code binlogctl}: nodes, savepoints, encrypted passwords. */
@NullMarked
package org.tidbbinlog.tools.binlogctl;

import org.jspecify.annotations.NullMarked;
