@NullMarked
package org.tidbbinlog.drainer.source;

import org.jspecify.annotations.NullMarked;
