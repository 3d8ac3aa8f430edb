/** Puts the streams of all Pumps into one, ordered by commit timestamp (I4). */
@NullMarked
package org.tidbbinlog.drainer.merge;

import org.jspecify.annotations.NullMarked;
