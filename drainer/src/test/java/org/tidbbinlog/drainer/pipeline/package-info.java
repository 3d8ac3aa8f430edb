@NullMarked
package org.tidbbinlog.drainer.pipeline;

import org.jspecify.annotations.NullMarked;
