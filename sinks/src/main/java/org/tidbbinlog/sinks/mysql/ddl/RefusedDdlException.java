package org.tidbbinlog.sinks.mysql.ddl;

import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.airlock.HeldDdl;

/** A DDL cannot go on by itself: held until somebody chooses, or the end of the Drainer. */
public final class RefusedDdlException extends OperatorException {
  private static final long serialVersionUID = 1L;

  private final transient HeldDdl ddl;

  RefusedDdlException(String message, HeldDdl ddl, Throwable cause) {
    super(message, cause);
    this.ddl = ddl;
  }

  RefusedDdlException(String message, HeldDdl ddl) {
    super(message);
    this.ddl = ddl;
  }

  public HeldDdl ddl() {
    return ddl;
  }
}
