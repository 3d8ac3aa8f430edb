package org.tidbbinlog.sinks.mysql.target;

import java.util.Properties;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.net.TlsSettings;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;

/** The driver's words for encryption. Its mode is always named: left open, it may refuse. */
final class TlsProperties {
  private TlsProperties() {}

  /**
   * @throws OperatorException naming the file that cannot be used
   */
  static void add(Properties properties, MysqlTargetSettings.Tls tls) {
    if (!tls.isOn()) {
      properties.setProperty("sslMode", "disable");
      return;
    }
    properties.setProperty("sslMode", "verify-ca");
    properties.setProperty("serverSslCert", tls.caPath());
    if (tls.certPath().isEmpty() && tls.keyPath().isEmpty() && tls.allowedCommonNames().isEmpty()) {
      return;
    }
    if (tls.certPath().isEmpty() != tls.keyPath().isEmpty()) {
      throw new OperatorException(
          "[syncer.to.security] needs both ssl-cert and ssl-key for a client certificate, or"
              + " neither");
    }
    // Looked at here, so that a wrong file is told in one line and not as a lost connection.
    Tls.of(new TlsSettings(tls.caPath(), tls.certPath(), tls.keyPath(), tls.allowedCommonNames()));
    properties.setProperty("tlsSocketType", PemTlsPlugin.TYPE);
    properties.setProperty(PemTlsPlugin.CA, tls.caPath());
    properties.setProperty(PemTlsPlugin.CERT, tls.certPath());
    properties.setProperty(PemTlsPlugin.KEY, tls.keyPath());
    properties.setProperty(PemTlsPlugin.NAMES, String.join("\n", tls.allowedCommonNames()));
  }
}
