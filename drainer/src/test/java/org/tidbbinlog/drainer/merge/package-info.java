@NullMarked
package org.tidbbinlog.drainer.merge;

import org.jspecify.annotations.NullMarked;
