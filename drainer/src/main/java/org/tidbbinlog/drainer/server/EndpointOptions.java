package org.tidbbinlog.drainer.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.config.Kind;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.PasswordCipher;
import org.tidbbinlog.node.config.Settings;
import org.tidbbinlog.node.config.Values;

/** Where a database server is and who we are there. Source: drainer sections 2.3 and 2.4. */
final class EndpointOptions {
  private static final int MAX_PORT = 65535;

  private final String section;
  private final Option<String> host;
  private final Option<Long> port;
  private final Option<String> user;
  private final Option<String> password;
  private final Option<String> encryptedPassword;
  private final Option<String> passwordFile;
  private final SecurityOptions security;
  private final Option<String> oracleServiceName;
  private final Option<String> oracleConnectString;

  EndpointOptions(Settings.Builder builder, String section) {
    this.section = section;
    host = text(builder, "host", "host of the server");
    port = builder.option(Kind.INT, 0L).key(section + ".port").doc("port of the server").add();
    user = text(builder, "user", "user name");
    password = text(builder, "password", "password");
    encryptedPassword =
        text(builder, "encrypted_password", "password as `binlogctl -cmd encrypt` printed it");
    passwordFile = text(builder, "password-file", "file that holds the password, and nothing else");
    security = new SecurityOptions(builder, section + ".security");
    oracleServiceName = text(builder, "oracle-service-name", "for an Oracle target");
    oracleConnectString = text(builder, "oracle-connect-string", "for an Oracle target");
  }

  private Option<String> text(Settings.Builder builder, String key, String doc) {
    return builder.option(Kind.STRING, "").key(section + "." + key).doc(doc).add();
  }

  /** Both sections fall back to the same words, but only the target's to the environment. */
  record Fallback(String host, String port, String user, String password) {
    static Fallback ofTarget(Map<String, String> environment) {
      return new Fallback(
          environment.getOrDefault("MYSQL_HOST", "localhost"),
          environment.getOrDefault("MYSQL_PORT", "3306"),
          environment.getOrDefault("MYSQL_USER", "root"),
          environment.getOrDefault("MYSQL_PSWD", ""));
    }

    static Fallback ofCheckpoint() {
      return new Fallback("127.0.0.1", "3306", "root", "");
    }
  }

  DrainerSettings.Endpoint read(Values values, Fallback fallback, Map<String, String> environment) {
    long givenPort = values.get(port) == 0 ? fallbackPort(fallback) : values.get(port);
    if (givenPort < 1 || givenPort > MAX_PORT) {
      throw new OperatorException(section + ".port is " + givenPort + ", must be 1..65535");
    }
    return new DrainerSettings.Endpoint(
        or(values.get(host), fallback.host),
        (int) givenPort,
        or(values.get(user), fallback.user),
        secret(values, fallback, environment),
        security.read(values));
  }

  private long fallbackPort(Fallback fallback) {
    try {
      return Long.parseLong(fallback.port);
    } catch (NumberFormatException e) {
      throw new OperatorException("MYSQL_PORT is not a number: " + fallback.port, e);
    }
  }

  private String secret(Values values, Fallback fallback, Map<String, String> environment) {
    String encrypted = values.get(encryptedPassword);
    String file = values.get(passwordFile);
    if (!file.isEmpty()) {
      if (!encrypted.isEmpty() || !values.get(password).isEmpty()) {
        throw new OperatorException(
            section + ".password-file is given beside another password: keep one of them");
      }
      return firstLine(file);
    }
    if (!encrypted.isEmpty()) {
      return PasswordCipher.of(environment).decrypt(section + ".encrypted_password", encrypted);
    }
    return or(values.get(password), fallback.password);
  }

  private String firstLine(String file) {
    try {
      List<String> lines = Files.readAllLines(Path.of(file));
      if (lines.isEmpty() || lines.stream().skip(1).anyMatch(line -> !line.isBlank())) {
        throw new OperatorException(
            section + ".password-file: " + file + " must hold the password in one line");
      }
      return lines.get(0);
    } catch (IOException e) {
      throw new OperatorException(section + ".password-file: " + file + " cannot be read: " + e, e);
    }
  }

  private static String or(String given, String fallback) {
    return given.isEmpty() ? fallback : given;
  }

  /** True when keys are set that only an Oracle target has. */
  boolean isForOracle(Values values) {
    return values.isSet(oracleServiceName) || values.isSet(oracleConnectString);
  }
}
