@NullMarked
package org.tidbbinlog.drainer.schema;

import org.jspecify.annotations.NullMarked;
