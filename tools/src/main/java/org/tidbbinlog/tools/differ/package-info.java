/**
 * The differential machine: made-up loads, from their binlogs through translation and the sink into
 * a real server, against the model that made them. The door is {@link
 * org.tidbbinlog.tools.differ.Differ}.
 */
@NullMarked
package org.tidbbinlog.tools.differ;

import org.jspecify.annotations.NullMarked;
