/** The Pump process: what TiDB writes to and Drainers pull from. {@code PumpMain} is the door. */
@NullMarked
package org.tidbbinlog.pump.server;

import org.jspecify.annotations.NullMarked;
