@NullMarked
package org.tidbbinlog.drainer.server;

import org.jspecify.annotations.NullMarked;
