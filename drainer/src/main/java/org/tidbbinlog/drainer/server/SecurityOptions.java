package org.tidbbinlog.drainer.server;

import java.util.List;
import org.tidbbinlog.node.config.Kind;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.Settings;
import org.tidbbinlog.node.config.Values;
import org.tidbbinlog.node.net.TlsSettings;

/** The four keys of a {@code security} section. Source: drainer section 2.2. */
final class SecurityOptions {
  private final Option<String> ca;
  private final Option<String> cert;
  private final Option<String> key;
  private final Option<List<String>> allowedNames;

  SecurityOptions(Settings.Builder builder, String section) {
    ca = path(builder, section + ".ssl-ca", "authorities to trust (PEM); turns TLS on");
    cert = path(builder, section + ".ssl-cert", "own certificate (PEM)");
    key = path(builder, section + ".ssl-key", "own private key (PEM)");
    allowedNames =
        builder
            .option(Kind.STRINGS, List.of())
            .key(section + ".cert-allowed-cn")
            .doc("common names that peers' certificates must carry")
            .add();
  }

  private static Option<String> path(Settings.Builder builder, String key, String doc) {
    return builder.option(Kind.STRING, "").key(key).doc(doc).add();
  }

  TlsSettings read(Values values) {
    return new TlsSettings(
        values.get(ca), values.get(cert), values.get(key), values.get(allowedNames));
  }
}
