/** The relay log: what is about to be applied, kept on this machine until it is. */
@NullMarked
package org.tidbbinlog.sinks.relay;

import org.jspecify.annotations.NullMarked;
