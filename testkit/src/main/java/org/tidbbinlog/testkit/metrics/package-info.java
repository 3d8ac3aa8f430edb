/** Reads what a node exposes at {@code /metrics}. */
@NullMarked
package org.tidbbinlog.testkit.metrics;

import org.jspecify.annotations.NullMarked;
