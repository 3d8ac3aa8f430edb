package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import org.tidbbinlog.cluster.txn.KeyVersions;

/** Asks with the same call that finds out what became of a transaction. */
public final class TikvKeyVersions implements KeyVersions {
  private final TikvClient tikv;

  public TikvKeyVersions(TikvClient tikv) {
    this.tikv = tikv;
  }

  @Override
  public String textOf(byte[] key) throws InterruptedException {
    return TextFormat.printer()
        .emittingSingleLine(true)
        .printToString(
            tikv.transactions()
                .versionsOf(ByteString.copyFrom(key), tikv.begin("TiKV MvccGetByKey")));
  }
}
