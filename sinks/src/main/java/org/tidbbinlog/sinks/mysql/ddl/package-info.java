/** DDL texts: lexer, statement heads, rewriting for a dialect, execution. */
@NullMarked
package org.tidbbinlog.sinks.mysql.ddl;

import org.jspecify.annotations.NullMarked;
