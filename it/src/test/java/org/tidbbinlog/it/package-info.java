/** Whole processes over real sockets, and the rules of the house. */
@NullMarked
package org.tidbbinlog.it;

import org.jspecify.annotations.NullMarked;
