package org.tidbbinlog.sinks.mysql;

/**
 * A database that no other test uses, the ledger beside it, and a cluster that is drained into it.
 */
record OwnNames(String db, long cluster) {
  static OwnNames beginningWith(String prefix) {
    return new OwnNames(prefix + TargetServer.unique(), TargetServer.unique());
  }

  /**
   * @param port of the server on this machine, or of what stands before it
   */
  MysqlTargetSettings settings(int port) {
    return MysqlTargetSettings.of("127.0.0.1", port, "root", "").withLedgerSchema(ledger());
  }

  private String ledger() {
    return "ledger_" + db;
  }

  /** The connection that holds the Drainer's lock, or {@code null} in letters. */
  String lockHolder(TargetServer server) {
    return server.rows("select is_used_lock('" + ledger() + "." + cluster + "')").get(0);
  }
}
