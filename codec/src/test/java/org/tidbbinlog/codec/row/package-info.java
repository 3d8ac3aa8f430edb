@NullMarked
package org.tidbbinlog.codec.row;

import org.jspecify.annotations.NullMarked;
