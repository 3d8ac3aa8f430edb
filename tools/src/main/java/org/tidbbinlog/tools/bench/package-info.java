/** Load for a Pump, whoever made it, and for a disk; measures, and checks what comes back. */
@NullMarked
package org.tidbbinlog.tools.bench;

import org.jspecify.annotations.NullMarked;
