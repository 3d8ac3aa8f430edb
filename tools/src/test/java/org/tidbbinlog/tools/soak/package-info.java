@NullMarked
package org.tidbbinlog.tools.soak;

import org.jspecify.annotations.NullMarked;
