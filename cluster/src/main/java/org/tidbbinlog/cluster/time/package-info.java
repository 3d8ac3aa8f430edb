/** Where timestamps come from. */
@NullMarked
package org.tidbbinlog.cluster.time;

import org.jspecify.annotations.NullMarked;
