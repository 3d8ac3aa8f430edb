/** The launcher of all commands, and the playground. */
@NullMarked
package org.tidbbinlog.playground;

import org.jspecify.annotations.NullMarked;
