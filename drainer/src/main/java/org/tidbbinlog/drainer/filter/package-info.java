/** Which schemas, tables, statements and row events reach the target. Source: drainer 2.1 and 9. */
@NullMarked
package org.tidbbinlog.drainer.filter;

import org.jspecify.annotations.NullMarked;
