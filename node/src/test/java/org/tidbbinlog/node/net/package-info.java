@NullMarked
package org.tidbbinlog.node.net;

import org.jspecify.annotations.NullMarked;
