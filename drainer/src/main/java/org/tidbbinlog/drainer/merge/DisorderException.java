package org.tidbbinlog.drainer.merge;

import org.tidbbinlog.base.OperatorException;

/** A Pump's stream went back in commit time (I1); nothing of it is emitted. */
public final class DisorderException extends OperatorException {
  private static final long serialVersionUID = 1L;

  DisorderException(String message) {
    super(message);
  }
}
