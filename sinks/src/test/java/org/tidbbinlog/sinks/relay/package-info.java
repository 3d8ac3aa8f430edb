@NullMarked
package org.tidbbinlog.sinks.relay;

import org.jspecify.annotations.NullMarked;
