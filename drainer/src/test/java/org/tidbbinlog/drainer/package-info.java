@NullMarked
package org.tidbbinlog.drainer;

import org.jspecify.annotations.NullMarked;
