/** The port between the Drainer and its targets: what a sink is given and what it must promise. */
@NullMarked
package org.tidbbinlog.drainer.sink;

import org.jspecify.annotations.NullMarked;
