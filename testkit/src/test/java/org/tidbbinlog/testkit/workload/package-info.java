@NullMarked
package org.tidbbinlog.testkit.workload;

import org.jspecify.annotations.NullMarked;
