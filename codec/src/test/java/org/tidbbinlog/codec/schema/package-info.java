@NullMarked
package org.tidbbinlog.codec.schema;

import org.jspecify.annotations.NullMarked;
