package org.tidbbinlog.cluster;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.net.TlsSettings;

/** A throw-away certificate authority for processes on this machine. */
public final class TestAuthority {
  private final Path ca;
  private final Path cert;
  private final Path key;

  public TestAuthority(Path folder, String name) throws Exception {
    X509Bundle root =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + name)
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle node =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=node")
            .addSanDnsName("localhost")
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(root);
    ca = Files.writeString(folder.resolve(name + "-ca.pem"), root.getCertificatePEM());
    cert = Files.writeString(folder.resolve(name + "-cert.pem"), node.getCertificatePEM());
    key = Files.writeString(folder.resolve(name + "-key.pem"), node.getPrivateKeyPEM());
  }

  public Tls tls() {
    return Tls.of(new TlsSettings(ca.toString(), cert.toString(), key.toString(), List.of()));
  }

  public List<String> etcdFlags() {
    return List.of(
        "--trusted-ca-file=" + ca,
        "--cert-file=" + cert,
        "--key-file=" + key,
        "--client-cert-auth");
  }
}
