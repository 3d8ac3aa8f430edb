@NullMarked
package org.tidbbinlog.sinks.mysql.ddl;

import org.jspecify.annotations.NullMarked;
