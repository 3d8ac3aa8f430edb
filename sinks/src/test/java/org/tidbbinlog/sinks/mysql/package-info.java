@NullMarked
package org.tidbbinlog.sinks.mysql;

import org.jspecify.annotations.NullMarked;
