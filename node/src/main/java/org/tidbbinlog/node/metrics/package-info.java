/** Counters, gauges and histograms under the original's names, and how they leave the process. */
@NullMarked
package org.tidbbinlog.node.metrics;

import org.jspecify.annotations.NullMarked;
