/** Networks between us and a server that fail when they are told to. */
@NullMarked
package org.tidbbinlog.testkit.network;

import org.jspecify.annotations.NullMarked;
