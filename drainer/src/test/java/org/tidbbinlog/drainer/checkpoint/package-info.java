@NullMarked
package org.tidbbinlog.drainer.checkpoint;

import org.jspecify.annotations.NullMarked;
