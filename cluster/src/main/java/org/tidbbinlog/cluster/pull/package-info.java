/** What Pumps and Drainers of this project agree on beside the original's protocol. */
@NullMarked
package org.tidbbinlog.cluster.pull;

import org.jspecify.annotations.NullMarked;
