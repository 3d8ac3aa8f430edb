@NullMarked
package org.tidbbinlog.drainer.airlock;

import org.jspecify.annotations.NullMarked;
