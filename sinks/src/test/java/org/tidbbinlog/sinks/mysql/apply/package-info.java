@NullMarked
package org.tidbbinlog.sinks.mysql.apply;

import org.jspecify.annotations.NullMarked;
