/** The target database: connections, dialect, table structure, what its errors mean. */
@NullMarked
package org.tidbbinlog.sinks.mysql.target;

import org.jspecify.annotations.NullMarked;
