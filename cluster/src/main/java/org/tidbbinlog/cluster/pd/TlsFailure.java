package org.tidbbinlog.cluster.pd;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tells a refused certificate from a peer that is merely away. */
final class TlsFailure {
  private static final int MAX_CAUSES = 10;

  private TlsFailure() {}

  /** What TLS complained about, the innermost complaint. */
  static Optional<String> in(Throwable failure) {
    Optional<String> found = Optional.empty();
    @Nullable Throwable cause = failure;
    for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
      if (cause instanceof SSLException || cause instanceof GeneralSecurityException) {
        found = Optional.of(String.valueOf(cause.getMessage()));
      }
      cause = cause.getCause();
    }
    return found;
  }
}
