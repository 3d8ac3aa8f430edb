/** Where table structures come from. */
@NullMarked
package org.tidbbinlog.cluster.schema;

import org.jspecify.annotations.NullMarked;
