@NullMarked
package org.tidbbinlog.codec.key;

import org.jspecify.annotations.NullMarked;
