@NullMarked
package org.tidbbinlog.node.process;

import org.jspecify.annotations.NullMarked;
