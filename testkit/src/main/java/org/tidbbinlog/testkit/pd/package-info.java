/** A PD cluster in one process: discovery, timestamps, regions and etcd on one port a member. */
@NullMarked
package org.tidbbinlog.testkit.pd;

import org.jspecify.annotations.NullMarked;
