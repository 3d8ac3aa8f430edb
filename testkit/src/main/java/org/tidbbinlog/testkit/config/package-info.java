/** What an operator begins with, looked at by tests. */
@NullMarked
package org.tidbbinlog.testkit.config;

import org.jspecify.annotations.NullMarked;
