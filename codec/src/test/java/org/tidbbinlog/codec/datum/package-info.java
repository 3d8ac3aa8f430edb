@NullMarked
package org.tidbbinlog.codec.datum;

import org.jspecify.annotations.NullMarked;
