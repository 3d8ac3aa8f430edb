/**
 * A made-up application on a made-up TiDB: DDL jobs and transactions in TiDB's exact formats, and
 * the truth that a target must reach. The door is {@link org.tidbbinlog.testkit.workload.Workload}.
 */
@NullMarked
package org.tidbbinlog.testkit.workload;

import org.jspecify.annotations.NullMarked;
