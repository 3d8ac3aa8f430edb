@NullMarked
package org.tidbbinlog.codec.binlog;

import org.jspecify.annotations.NullMarked;
