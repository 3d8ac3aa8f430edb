package org.tidbbinlog.sinks.mysql;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;

/**
 * A MariaDB with a certificate of its own. In its folder are {@code ca.pem}, and {@code server} and
 * {@code client} with {@code .pem} and {@code .key}, both issued by that authority.
 */
final class TlsMariaDb {
  private TlsMariaDb() {}

  static MariaDb start(Path folder) throws Exception {
    X509Bundle root =
        new CertificateBuilder()
            .rsa2048()
            .subject("CN=root")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Path ca = Files.writeString(folder.resolve("ca.pem"), root.getCertificatePEM());
    issue(folder, "server", root);
    issue(folder, "client", root);
    return MariaDb.start(
        folder.resolve("data"),
        MariaDbOptions.forTests()
            .with("--ssl")
            .with("--ssl-ca=" + ca)
            .with("--ssl-cert=" + folder.resolve("server.pem"))
            .with("--ssl-key=" + folder.resolve("server.key")));
  }

  private static void issue(Path folder, String name, X509Bundle root) throws Exception {
    X509Bundle made =
        new CertificateBuilder()
            .rsa2048()
            .subject("CN=" + name)
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(root);
    Files.writeString(folder.resolve(name + ".pem"), made.getCertificatePEM());
    Files.writeString(folder.resolve(name + ".key"), made.getPrivateKeyPEM());
  }
}
