/** The etcd inside PD, and the node registry kept there. */
@NullMarked
package org.tidbbinlog.cluster.etcd;

import org.jspecify.annotations.NullMarked;
