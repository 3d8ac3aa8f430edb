package org.tidbbinlog.tools.replay;

import java.util.Iterator;
import org.tidbbinlog.testkit.capture.CaptureReader;

/** Captured messages as transactions to play, one in memory at a time. */
final class Transactions implements Iterator<PlayedTransaction> {
  private final CaptureReader reader;

  Transactions(CaptureReader reader) {
    this.reader = reader;
  }

  @Override
  public boolean hasNext() {
    return reader.hasNext();
  }

  @Override
  public PlayedTransaction next() {
    return PlayedTransaction.of(reader.next());
  }
}
