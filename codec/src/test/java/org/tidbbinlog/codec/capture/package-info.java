@NullMarked
package org.tidbbinlog.codec.capture;

import org.jspecify.annotations.NullMarked;
