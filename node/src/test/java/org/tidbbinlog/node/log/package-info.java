@NullMarked
package org.tidbbinlog.node.log;

import org.jspecify.annotations.NullMarked;
