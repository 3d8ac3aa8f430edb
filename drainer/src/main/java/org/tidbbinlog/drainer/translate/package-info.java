/** Binlogs into what a sink is given: rows with names, DDL, progress. */
@NullMarked
package org.tidbbinlog.drainer.translate;

import org.jspecify.annotations.NullMarked;
