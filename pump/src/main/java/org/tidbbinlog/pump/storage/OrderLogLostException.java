package org.tidbbinlog.pump.storage;

import java.io.IOException;

/**
 * Entries of the order log are damaged and cannot be made again in their places. The process has to
 * end: its next start makes a new order log from the value log.
 */
public final class OrderLogLostException extends IOException {
  private static final long serialVersionUID = 1L;

  OrderLogLostException(String what) {
    super(what + ": start this Pump again, it then makes the order log anew from the value log");
  }
}
