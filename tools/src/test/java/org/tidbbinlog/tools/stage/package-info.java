/** Tests. */
@NullMarked
package org.tidbbinlog.tools.stage;

import org.jspecify.annotations.NullMarked;
