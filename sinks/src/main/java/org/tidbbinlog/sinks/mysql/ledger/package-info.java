/** What of the stream is already in the target, kept in the target (I7). */
@NullMarked
package org.tidbbinlog.sinks.mysql.ledger;

import org.jspecify.annotations.NullMarked;
