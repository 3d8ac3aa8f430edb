package org.tidbbinlog.pumpclient;

import io.grpc.Status;

/** What came of one call: a status, and the error text that an answer may carry. */
record Reply(Status status, String errmsg) {
  static final Reply OK = new Reply(Status.OK, "");

  boolean isOk() {
    return status.isOk() && errmsg.isEmpty();
  }

  /** A refusal inside an answer says nothing about the Pump's health. */
  boolean countsAgainstPump() {
    return !status.isOk();
  }

  boolean isTooLarge() {
    return status.getCode() == Status.Code.RESOURCE_EXHAUSTED;
  }

  boolean isConnectionLost() {
    return status.getCode() == Status.Code.UNAVAILABLE;
  }

  String text() {
    if (status.isOk()) {
      return errmsg;
    }
    String description = status.getDescription();
    return "rpc error: code = "
        + status.getCode()
        + " desc = "
        + (description == null ? "" : description);
  }
}
