package org.tidbbinlog.pump.storage;

import java.util.List;

/**
 * How far the continuity proof is since open.
 *
 * @param segment id of the value-log segment
 * @param provedTo offset in it of the newest entry
 * @param chain its value in hex: kept elsewhere, it shows later that nothing before was changed
 * @param putAside files of proofs that could not be read; there until somebody removes them
 */
public record ProofStatus(int segment, long provedTo, String chain, List<String> putAside) {
  static final ProofStatus NONE = new ProofStatus(-1, 0, "", List.of());

  public ProofStatus {
    putAside = List.copyOf(putAside);
  }

  public boolean isNone() {
    return segment < 0;
  }

  ProofStatus with(List<String> files) {
    return new ProofStatus(segment, provedTo, chain, files);
  }
}
