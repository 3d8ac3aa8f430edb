/** Child processes of a test: started, watched, killed and waited for by handle, never by name. */
@NullMarked
package org.tidbbinlog.testkit.process;

import org.jspecify.annotations.NullMarked;
