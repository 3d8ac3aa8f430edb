@NullMarked
package org.tidbbinlog.drainer.translate;

import org.jspecify.annotations.NullMarked;
