/** Row changes as SQL: literals, statements, folding. */
@NullMarked
package org.tidbbinlog.sinks.mysql.rows;

import org.jspecify.annotations.NullMarked;
