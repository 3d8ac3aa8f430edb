package org.tidbbinlog.tools.bench;

import org.tidbbinlog.base.OperatorException;

/** Refuses options that make no sense together, in the name of the command. */
public record Sense(String command) {
  public void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new OperatorException(command + ": " + otherwise);
    }
  }
}
