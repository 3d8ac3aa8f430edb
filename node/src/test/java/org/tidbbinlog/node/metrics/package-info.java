@NullMarked
package org.tidbbinlog.node.metrics;

import org.jspecify.annotations.NullMarked;
