package org.tidbbinlog.tools.bench;

/**
 * What one stream brought, checked.
 *
 * @param bytes of values
 * @param seconds from the request to the last transaction
 */
record PullResult(long records, long bytes, double seconds) {
  double perSecond() {
    return records / seconds;
  }
}
