@NullMarked
package org.tidbbinlog.sinks.mysql.target;

import org.jspecify.annotations.NullMarked;
