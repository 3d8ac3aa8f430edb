/** One pulling stream per Pump, and the list of Pumps as the registry changes. */
@NullMarked
package org.tidbbinlog.drainer.source;

import org.jspecify.annotations.NullMarked;
