@NullMarked
package org.tidbbinlog.drainer.filter;

import org.jspecify.annotations.NullMarked;
