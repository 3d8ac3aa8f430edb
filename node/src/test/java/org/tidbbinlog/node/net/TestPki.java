package org.tidbbinlog.node.net;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A throw-away authority that writes PEM files into a folder. */
public final class TestPki {
  private final Path folder;
  private final X509Bundle root;

  public TestPki(Path folder, String rootName) throws Exception {
    this.folder = folder;
    this.root =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + rootName)
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(caPath(), root.getCertificatePEM());
  }

  public Path caPath() {
    return folder.resolve("ca.pem");
  }

  /** Writes {@code <file>.pem} and {@code <file>.key} for a node on this machine. */
  public void issue(String file, String commonName) throws Exception {
    write(file, node(commonName).buildIssuedBy(root));
  }

  public void issueRsa(String file, String commonName) throws Exception {
    write(file, node(commonName).rsa2048().buildIssuedBy(root));
  }

  /** With an extra certificate behind its own that signed nothing: a forged chain. */
  public void issueWithStranger(String file, String commonName, String strangerName)
      throws Exception {
    X509Bundle own = node(commonName).buildIssuedBy(root);
    X509Bundle stranger =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + strangerName)
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    write(file, own);
    Files.writeString(
        folder.resolve(file + ".pem"), own.getCertificatePEM() + stranger.getCertificatePEM());
  }

  private static CertificateBuilder node(String commonName) {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=" + commonName)
        .addSanDnsName("localhost")
        .addSanIpAddress("127.0.0.1");
  }

  private void write(String file, X509Bundle bundle) throws Exception {
    Files.writeString(folder.resolve(file + ".pem"), bundle.getCertificatePEM());
    Files.writeString(folder.resolve(file + ".key"), bundle.getPrivateKeyPEM());
  }

  public TlsSettings settings(String file, String... allowedCommonNames) {
    return new TlsSettings(
        caPath().toString(),
        folder.resolve(file + ".pem").toString(),
        folder.resolve(file + ".key").toString(),
        List.of(allowedCommonNames));
  }
}
