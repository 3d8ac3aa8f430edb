/** Scheduling of rows over workers by the keys they touch. */
@NullMarked
package org.tidbbinlog.sinks.mysql.apply;

import org.jspecify.annotations.NullMarked;
