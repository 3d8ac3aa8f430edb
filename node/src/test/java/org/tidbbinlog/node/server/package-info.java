@NullMarked
package org.tidbbinlog.node.server;

import org.jspecify.annotations.NullMarked;
