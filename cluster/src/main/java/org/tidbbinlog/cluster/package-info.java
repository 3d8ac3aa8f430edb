/** The door to a cluster: PD, etcd and TiKV behind the four ports. */
@NullMarked
package org.tidbbinlog.cluster;

import org.jspecify.annotations.NullMarked;
