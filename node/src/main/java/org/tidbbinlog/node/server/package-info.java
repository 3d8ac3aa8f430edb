/** One port that serves gRPC and HTTP/1.1. */
@NullMarked
package org.tidbbinlog.node.server;

import org.jspecify.annotations.NullMarked;
