/** Addresses, channels and bounded retrying for the adapters. */
@NullMarked
package org.tidbbinlog.cluster.net;

import org.jspecify.annotations.NullMarked;
