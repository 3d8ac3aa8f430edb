package org.tidbbinlog.node.net;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies peers against our CA file, then the common names. A name counts when any certificate of
 * the <em>verified</em> chain carries it, the CA included; certificates that a peer merely sends
 * along do not count. Source: pump section 12.
 */
final class PeerTrust extends X509ExtendedTrustManager {
  private static final Logger LOG = LoggerFactory.getLogger(PeerTrust.class);

  private final Path caPath;
  private final List<String> allowedCommonNames;
  private final WatchedFiles files;
  private volatile Anchors anchors;

  private PeerTrust(Path caPath, List<String> allowedCommonNames)
      throws IOException, GeneralSecurityException {
    this.caPath = caPath;
    this.allowedCommonNames = allowedCommonNames;
    this.files = new WatchedFiles(caPath);
    this.anchors = Anchors.read(caPath);
  }

  static PeerTrust load(TlsSettings settings) throws IOException, GeneralSecurityException {
    return new PeerTrust(Path.of(settings.caPath()), settings.allowedCommonNames());
  }

  private Anchors newest() {
    if (files.changed()) {
      try {
        anchors = Anchors.read(caPath);
        LOG.atInfo().addKeyValue("path", caPath).log("certificate authorities reloaded");
      } catch (IOException | GeneralSecurityException e) {
        LOG.atWarn()
            .addKeyValue("path", caPath)
            .addKeyValue("error", e)
            .log("certificate authorities changed but cannot be read, the old ones stay in use");
      }
    }
    return anchors;
  }

  private void requireAllowedName(Anchors anchors, X509Certificate[] chain)
      throws CertificateException {
    if (allowedCommonNames.isEmpty()) {
      return;
    }
    List<String> names = new ArrayList<>();
    for (X509Certificate certificate : anchors.verifiedChain(chain)) {
      names.add(commonName(certificate));
    }
    if (names.stream().noneMatch(allowedCommonNames::contains)) {
      throw new CertificateException(
          "certificate common names "
              + names
              + " are not in cert-allowed-cn "
              + allowedCommonNames);
    }
  }

  private static String commonName(X509Certificate certificate) throws CertificateException {
    try {
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (rdn.getType().equalsIgnoreCase("CN")) {
          return String.valueOf(rdn.getValue());
        }
      }
      return "";
    } catch (InvalidNameException e) {
      throw new CertificateException("unreadable subject", e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    Anchors now = newest();
    now.manager.checkClientTrusted(chain, authType, engine);
    requireAllowedName(now, chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    Anchors now = newest();
    now.manager.checkServerTrusted(chain, authType, engine);
    requireAllowedName(now, chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    Anchors now = newest();
    now.manager.checkClientTrusted(chain, authType, socket);
    requireAllowedName(now, chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    Anchors now = newest();
    now.manager.checkServerTrusted(chain, authType, socket);
    requireAllowedName(now, chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    Anchors now = newest();
    now.manager.checkClientTrusted(chain, authType);
    requireAllowedName(now, chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    Anchors now = newest();
    now.manager.checkServerTrusted(chain, authType);
    requireAllowedName(now, chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return newest().manager.getAcceptedIssuers();
  }

  private record Anchors(KeyStore store, X509ExtendedTrustManager manager) {
    static Anchors read(Path caPath) throws IOException, GeneralSecurityException {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int index = 0;
      for (X509Certificate certificate : Pem.certificates(caPath)) {
        store.setCertificateEntry("ca-" + index++, certificate);
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509ExtendedTrustManager extended) {
          return new Anchors(store, extended);
        }
      }
      throw new GeneralSecurityException("this JDK has no PKIX trust manager");
    }

    /** The path from the peer's own certificate to one of our authorities, both included. */
    List<X509Certificate> verifiedChain(X509Certificate[] sent) throws CertificateException {
      try {
        X509CertSelector peer = new X509CertSelector();
        peer.setCertificate(sent[0]);
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(store, peer);
        parameters.setRevocationEnabled(false);
        parameters.addCertStore(
            CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(sent))));
        PKIXCertPathBuilderResult result =
            (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(parameters);
        List<X509Certificate> chain = new ArrayList<>();
        result.getCertPath().getCertificates().forEach(c -> chain.add((X509Certificate) c));
        chain.add(result.getTrustAnchor().getTrustedCert());
        return chain;
      } catch (GeneralSecurityException e) {
        throw new CertificateException("no chain to a known authority", e);
      }
    }
  }
}
