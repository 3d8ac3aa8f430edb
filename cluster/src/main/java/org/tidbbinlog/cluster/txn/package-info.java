/** What became of a transaction. */
@NullMarked
package org.tidbbinlog.cluster.txn;

import org.jspecify.annotations.NullMarked;
