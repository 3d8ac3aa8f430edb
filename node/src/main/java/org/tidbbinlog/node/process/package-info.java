/** The life of a process: banner, signals, orderly stop, exit code. */
@NullMarked
package org.tidbbinlog.node.process;

import org.jspecify.annotations.NullMarked;
