/** Doubles, captures and generators for tests and the playground; no production use. */
@NullMarked
package org.tidbbinlog.testkit;

import org.jspecify.annotations.NullMarked;
