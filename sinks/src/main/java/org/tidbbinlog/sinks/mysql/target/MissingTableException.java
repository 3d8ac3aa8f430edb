package org.tidbbinlog.sinks.mysql.target;

import org.tidbbinlog.base.OperatorException;

/** The target has no such table. */
public final class MissingTableException extends OperatorException {
  private static final long serialVersionUID = 1L;

  MissingTableException(String message) {
    super(message);
  }
}
