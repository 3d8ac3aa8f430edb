/** The way of a binlog through the Drainer, all stations in one class. */
@NullMarked
package org.tidbbinlog.drainer.pipeline;

import org.jspecify.annotations.NullMarked;
