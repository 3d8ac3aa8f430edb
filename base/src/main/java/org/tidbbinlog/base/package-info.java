/** What every room may use: timestamps, clocks, sizes, durations, backoff and queues. JDK only. */
@NullMarked
package org.tidbbinlog.base;

import org.jspecify.annotations.NullMarked;
