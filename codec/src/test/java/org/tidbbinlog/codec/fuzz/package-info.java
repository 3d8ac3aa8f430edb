@NullMarked
package org.tidbbinlog.codec.fuzz;

import org.jspecify.annotations.NullMarked;
