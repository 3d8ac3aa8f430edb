@NullMarked
package org.tidbbinlog.tools.binlogctl;

import org.jspecify.annotations.NullMarked;
