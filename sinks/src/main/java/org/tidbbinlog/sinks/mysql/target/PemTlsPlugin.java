package org.tidbbinlog.sinks.mysql.target;

import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.HostAddress;
import org.mariadb.jdbc.export.ExceptionFactory;
import org.mariadb.jdbc.plugin.TlsSocketPlugin;
import org.mariadb.jdbc.plugin.tls.main.DefaultTlsSocketPlugin;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.net.TlsSettings;

/**
 * Shows the driver our certificate from PEM files, which it cannot read itself. The server is
 * trusted as the driver does it, or, where common names are asked for, as all our other peers are.
 * Found by the driver through its service file.
 */
public final class PemTlsPlugin implements TlsSocketPlugin {
  /** What {@code tlsSocketType} names. */
  static final String TYPE = "tidb-binlog-pem";

  static final String CA = "tidbBinlogSslCa";
  static final String CERT = "tidbBinlogSslCert";
  static final String KEY = "tidbBinlogSslKey";

  /** Allowed common names, one a line. */
  static final String NAMES = "tidbBinlogCertAllowedCn";

  private final TlsSocketPlugin usual = new DefaultTlsSocketPlugin();

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public TrustManager[] getTrustManager(
      Configuration configuration, ExceptionFactory exceptions, HostAddress host)
      throws SQLException {
    Tls tls = tls(configuration);
    return tls.settings().allowedCommonNames().isEmpty()
        ? usual.getTrustManager(configuration, exceptions, host)
        : tls.trustManagers();
  }

  /** Read anew for each connection, so that a renewed certificate is used without a restart. */
  @Override
  public KeyManager[] getKeyManager(Configuration configuration, ExceptionFactory exceptions) {
    return tls(configuration).keyManagers();
  }

  private static Tls tls(Configuration configuration) {
    Properties ours = configuration.nonMappedOptions();
    List<String> names = ours.getProperty(NAMES, "").lines().toList();
    return Tls.of(
        new TlsSettings(
            ours.getProperty(CA, ""),
            ours.getProperty(CERT, ""),
            ours.getProperty(KEY, ""),
            names));
  }
}
