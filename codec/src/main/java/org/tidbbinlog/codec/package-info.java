/** Bytes to records and back; the package itself holds what every decoder shares. */
@NullMarked
package org.tidbbinlog.codec;

import org.jspecify.annotations.NullMarked;
