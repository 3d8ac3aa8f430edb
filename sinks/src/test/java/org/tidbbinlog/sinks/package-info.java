@NullMarked
package org.tidbbinlog.sinks;

import org.jspecify.annotations.NullMarked;
