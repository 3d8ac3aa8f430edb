/** Tables and columns made by hand, or changed in one thing. */
@NullMarked
package org.tidbbinlog.testkit.schema;

import org.jspecify.annotations.NullMarked;
