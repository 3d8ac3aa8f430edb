@NullMarked
package org.tidbbinlog.codec.time;

import org.jspecify.annotations.NullMarked;
