/** TiKV: regions, snapshot reads with lock resolving, transaction states, meta keys. */
@NullMarked
package org.tidbbinlog.cluster.tikv;

import org.jspecify.annotations.NullMarked;
