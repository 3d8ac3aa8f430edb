/** A TiKV in memory: versions, locks and regions behind the real calls. */
@NullMarked
package org.tidbbinlog.testkit.tikv;

import org.jspecify.annotations.NullMarked;
