@NullMarked
package org.tidbbinlog.codec.bytes;

import org.jspecify.annotations.NullMarked;
