/** Load for a Drainer, whoever made it; measures, and compares what reached the target. */
@NullMarked
package org.tidbbinlog.tools.bench.drain;

import org.jspecify.annotations.NullMarked;
