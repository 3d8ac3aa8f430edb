@NullMarked
package org.tidbbinlog.codec.ddl;

import org.jspecify.annotations.NullMarked;
