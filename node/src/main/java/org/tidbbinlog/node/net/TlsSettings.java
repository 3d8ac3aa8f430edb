package org.tidbbinlog.node.net;

import java.util.List;

/**
 * The {@code [security]} keys. TLS is active only when a CA is named; certificate and key are used
 * only when both are. Source: pump section 12, drainer section 2.2.
 *
 * @param caPath PEM file with the authorities to trust; empty = no TLS
 * @param certPath PEM file with our certificate chain, or empty
 * @param keyPath PEM file with our private key, or empty
 * @param allowedCommonNames when not empty, some certificate of a peer's verified chain must carry
 *     one of these names; names are trimmed
 */
public record TlsSettings(
    String caPath, String certPath, String keyPath, List<String> allowedCommonNames) {
  public static final TlsSettings NONE = new TlsSettings("", "", "", List.of());

  public TlsSettings {
    allowedCommonNames = allowedCommonNames.stream().map(String::trim).toList();
  }

  public boolean active() {
    return !caPath.isEmpty();
  }

  public boolean hasIdentity() {
    return !certPath.isEmpty() && !keyPath.isEmpty();
  }
}
