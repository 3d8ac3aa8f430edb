/** Keys of TiKV: records of tables and TiDB's meta space. */
@NullMarked
package org.tidbbinlog.codec.key;

import org.jspecify.annotations.NullMarked;
