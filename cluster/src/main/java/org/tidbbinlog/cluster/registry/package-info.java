/** Which Pumps and Drainers there are. */
@NullMarked
package org.tidbbinlog.cluster.registry;

import org.jspecify.annotations.NullMarked;
