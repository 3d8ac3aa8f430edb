/** Folders that hold what a real cluster did: read for replays and tests, written by capture. */
@NullMarked
package org.tidbbinlog.testkit.capture;

import org.jspecify.annotations.NullMarked;
