/** Links to peers: TLS from PEM files that are read again on change, and gRPC channels. */
@NullMarked
package org.tidbbinlog.node.net;

import org.jspecify.annotations.NullMarked;
