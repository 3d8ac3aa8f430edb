/** Bugs planted in the product's own source, to see that a test bites. */
@NullMarked
package org.tidbbinlog.testkit.mutant;

import org.jspecify.annotations.NullMarked;
