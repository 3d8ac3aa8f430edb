package org.tidbbinlog.pump.storage;

/**
 * How far the continuity proof is since open.
 *
 * @param segment id of the value-log segment
 * @param provedTo offset in it of the newest entry
 * @param chain its value in hex: kept elsewhere, it shows later that nothing before was changed
 */
public record ProofStatus(int segment, long provedTo, String chain) {
  static final ProofStatus NONE = new ProofStatus(-1, 0, "");

  public boolean isNone() {
    return segment < 0;
  }
}
