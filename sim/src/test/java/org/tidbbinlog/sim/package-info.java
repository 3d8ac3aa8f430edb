@NullMarked
package org.tidbbinlog.sim;

import org.jspecify.annotations.NullMarked;
