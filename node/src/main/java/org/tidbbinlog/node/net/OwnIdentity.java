package org.tidbbinlog.node.net;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our certificate and key, read again when the files change. The alias handed to a handshake names
 * one generation, so that a change in the middle of a handshake never mixes key and certificate.
 */
final class OwnIdentity extends X509ExtendedKeyManager {
  private static final Logger LOG = LoggerFactory.getLogger(OwnIdentity.class);

  /** Generations kept for handshakes under way. */
  private static final int KEPT_GENERATIONS = 4;

  private final Path certPath;
  private final Path keyPath;
  private final WatchedFiles files;
  private final Map<String, Pair> generations = new ConcurrentHashMap<>();
  private int generation;

  private OwnIdentity(Path certPath, Path keyPath) throws IOException, GeneralSecurityException {
    this.certPath = certPath;
    this.keyPath = keyPath;
    this.files = new WatchedFiles(certPath, keyPath);
    generations.put(alias(0), Pair.read(certPath, keyPath));
  }

  static OwnIdentity load(TlsSettings settings) throws IOException, GeneralSecurityException {
    return new OwnIdentity(Path.of(settings.certPath()), Path.of(settings.keyPath()));
  }

  private synchronized String newest() {
    if (files.changed()) {
      try {
        Pair pair = Pair.read(certPath, keyPath);
        generation++;
        generations.put(alias(generation), pair);
        generations.remove(alias(generation - KEPT_GENERATIONS));
        LOG.atInfo().addKeyValue("path", certPath).log("certificate reloaded");
      } catch (IOException | GeneralSecurityException e) {
        LOG.atWarn()
            .addKeyValue("path", certPath)
            .addKeyValue("error", e)
            .log("certificate changed but cannot be read, the old one stays in use");
      }
    }
    return alias(generation);
  }

  private static String alias(int generation) {
    return "generation-" + generation;
  }

  private @Nullable String choose(List<String> keyTypes) {
    String alias = newest();
    Pair pair = generations.get(alias);
    return pair != null && keyTypes.contains(pair.key.getAlgorithm()) ? alias : null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return choose(List.of(keyTypes));
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return choose(List.of(keyType));
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return choose(List.of(keyTypes));
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return choose(List.of(keyType));
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Pair pair = generations.get(alias);
    return pair == null ? null : pair.chain.toArray(new X509Certificate[0]);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Pair pair = generations.get(alias);
    return pair == null ? null : pair.key;
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {newest()};
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {newest()};
  }

  private record Pair(PrivateKey key, List<X509Certificate> chain) {
    static Pair read(Path certPath, Path keyPath) throws IOException, GeneralSecurityException {
      return new Pair(Pem.privateKey(keyPath), Pem.certificates(certPath));
    }
  }
}
