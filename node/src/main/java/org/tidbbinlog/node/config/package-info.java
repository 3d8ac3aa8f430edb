/** Command line, environment and TOML file of a command, with the original's rules. */
@NullMarked
package org.tidbbinlog.node.config;

import org.jspecify.annotations.NullMarked;
