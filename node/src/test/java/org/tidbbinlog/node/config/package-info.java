@NullMarked
package org.tidbbinlog.node.config;

import org.jspecify.annotations.NullMarked;
