/** The part of etcd that the node registry needs, in memory. */
@NullMarked
package org.tidbbinlog.testkit.etcd;

import org.jspecify.annotations.NullMarked;
