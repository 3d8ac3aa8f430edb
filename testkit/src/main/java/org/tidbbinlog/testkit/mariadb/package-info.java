/**
 * A real MariaDB server for tests and the playground: found on the machine or unpacked from a jar.
 */
@NullMarked
package org.tidbbinlog.testkit.mariadb;

import org.jspecify.annotations.NullMarked;
