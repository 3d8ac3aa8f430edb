@NullMarked
package org.tidbbinlog.codec;

import org.jspecify.annotations.NullMarked;
