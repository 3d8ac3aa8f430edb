/** The binlog record that TiDB writes to a Pump and a Drainer pulls. */
@NullMarked
package org.tidbbinlog.codec.binlog;

import org.jspecify.annotations.NullMarked;
