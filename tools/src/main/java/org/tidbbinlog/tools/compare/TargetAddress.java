package org.tidbbinlog.tools.compare;

import java.net.URI;
import java.net.URISyntaxException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.tidbbinlog.base.OperatorException;

/**
 * Where a MySQL-family target listens, as {@code mysql://user:password@host:port}; user, password
 * and port may be left out (root, none, 3306). Percent escapes are undone.
 */
public record TargetAddress(String user, String password, String host, int port) {
  private static final int DEFAULT_PORT = 3306;

  public static TargetAddress parse(String text) {
    try {
      URI uri = new URI(text);
      if (!"mysql".equals(uri.getScheme()) || uri.getHost() == null) {
        throw new URISyntaxException(text, "no mysql://host");
      }
      String info = uri.getUserInfo() == null ? "root" : uri.getUserInfo();
      int colon = info.indexOf(':');
      return new TargetAddress(
          colon < 0 ? info : info.substring(0, colon),
          colon < 0 ? "" : info.substring(colon + 1),
          uri.getHost(),
          uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
    } catch (URISyntaxException e) {
      throw new OperatorException(
          "not a target: " + text + "; write it as mysql://user:password@host:port", e);
    }
  }

  /** A connection whose session is in UTC. */
  public Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("sslMode", "disable");
    properties.setProperty("connectTimeout", "10000");
    properties.setProperty("allowPublicKeyRetrieval", "true");
    Connection connection =
        DriverManager.getConnection("jdbc:mariadb://" + host + ":" + port + "/", properties);
    try (var statement = connection.createStatement()) {
      statement.execute("SET time_zone = '+00:00'");
    }
    return connection;
  }

  /** How to reach it with the {@code mysql} client. */
  public String mysqlCommand() {
    return "mysql -h %s -P %d -u %s%s".formatted(host, port, user, password.isEmpty() ? "" : " -p");
  }

  @Override
  public String toString() {
    return user + "@" + host + ":" + port;
  }
}
