@NullMarked
package org.tidbbinlog.codec.json;

import org.jspecify.annotations.NullMarked;
