/**
 * Seed after seed, on some threads, until there were enough or the time is over. The door is {@link
 * org.tidbbinlog.tools.soak.Soak}.
 */
@NullMarked
package org.tidbbinlog.tools.soak;

import org.jspecify.annotations.NullMarked;
