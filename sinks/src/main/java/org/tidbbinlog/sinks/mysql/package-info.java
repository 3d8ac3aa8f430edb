/**
 * Applies upstream transactions to MariaDB, MySQL and TiDB, exactly once (architecture section 4).
 */
@NullMarked
package org.tidbbinlog.sinks.mysql;

import org.jspecify.annotations.NullMarked;
