/**
 * The deterministic world: Pump storage, merger and checkpoint run in one thread on a simulated
 * clock, disk and network, beside a plain model of TiDB, TiKV and PD, from one seed.
 */
@NullMarked
package org.tidbbinlog.sim;

import org.jspecify.annotations.NullMarked;
