/** Decimals and floating numbers as bytes and as text. */
@NullMarked
package org.tidbbinlog.codec.number;

import org.jspecify.annotations.NullMarked;
