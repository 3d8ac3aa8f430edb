@NullMarked
package org.tidbbinlog.tools.differ;

import org.jspecify.annotations.NullMarked;
