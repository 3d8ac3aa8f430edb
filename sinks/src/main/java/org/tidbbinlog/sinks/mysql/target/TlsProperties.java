package org.tidbbinlog.sinks.mysql.target;

import java.util.Properties;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;

/** The driver's words for encryption. Its mode is always named: left open, it may refuse. */
final class TlsProperties {
  private TlsProperties() {}

  static void add(Properties properties, MysqlTargetSettings.Tls tls) {
    if (!tls.isOn()) {
      properties.setProperty("sslMode", "disable");
      return;
    }
    if (!tls.certPath().isEmpty() || !tls.keyPath().isEmpty()) {
      throw new OperatorException(
          "[syncer.to.security] ssl-cert and ssl-key: client certificates are not supported for the"
              + " target yet; use a user with a password over TLS (ssl-ca alone)");
    }
    properties.setProperty("sslMode", "verify-ca");
    properties.setProperty("serverSslCert", tls.caPath());
  }
}
