@NullMarked
package org.tidbbinlog.base;

import org.jspecify.annotations.NullMarked;
