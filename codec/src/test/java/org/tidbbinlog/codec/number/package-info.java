@NullMarked
package org.tidbbinlog.codec.number;

import org.jspecify.annotations.NullMarked;
