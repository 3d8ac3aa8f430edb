package org.tidbbinlog.node.net;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and unencrypted private keys from PEM files. The JDK reads keys only as PKCS #8; the
 * older forms that openssl and cfssl write ({@code RSA PRIVATE KEY}, {@code EC PRIVATE KEY}) are
 * wrapped into it here:
 *
 * <pre>
 *  SEQUENCE { INTEGER 0, SEQUENCE { OID algorithm, parameters }, OCTET STRING { old form } }
 * </pre>
 */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final byte[] RSA_ALGORITHM = hex("300d06092a864886f70d0101010500");
  private static final byte[] EC_OID = hex("06072a8648ce3d0201");
  private static final byte[] VERSION_ZERO = hex("020100");
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  private Pem() {}

  static List<X509Certificate> certificates(Path path) throws IOException, CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(path)) {
      if (block.label.equals("CERTIFICATE") || block.label.equals("X509 CERTIFICATE")) {
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der)));
      }
    }
    if (certificates.isEmpty()) {
      throw new CertificateException(path + " holds no PEM certificate");
    }
    return certificates;
  }

  static PrivateKey privateKey(Path path) throws IOException, GeneralSecurityException {
    for (Block block : blocks(path)) {
      switch (block.label) {
        case "PRIVATE KEY" -> {
          return fromPkcs8(path, block.der);
        }
        case "RSA PRIVATE KEY" -> {
          return fromPkcs8(path, pkcs8(RSA_ALGORITHM, block.der));
        }
        case "EC PRIVATE KEY" -> {
          return fromPkcs8(path, pkcs8(ecAlgorithm(path, block.der), block.der));
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new InvalidKeyException(path + " is encrypted: use a key without a passphrase");
        default -> {
          // parameters or certificates may stand in the same file
        }
      }
    }
    throw new InvalidKeyException(path + " holds no PEM private key");
  }

  private static PrivateKey fromPkcs8(Path path, byte[] der) throws GeneralSecurityException {
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (GeneralSecurityException e) {
        // not of this kind; the next one may fit
      }
    }
    throw new InvalidKeyException(path + " holds a private key of an unknown kind");
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    return tlv(0x30, VERSION_ZERO, algorithm, tlv(0x04, key));
  }

  /** The curve's OID stands in the key's own optional part {@code [0]}. */
  private static byte[] ecAlgorithm(Path path, byte[] sec1) throws InvalidKeyException {
    for (int at = 0; at + 2 < sec1.length; at++) {
      if ((sec1[at] & 0xff) == 0xa0 && sec1[at + 2] == 0x06 && sec1[at + 1] == sec1[at + 3] + 2) {
        byte[] curve = new byte[sec1[at + 1]];
        System.arraycopy(sec1, at + 2, curve, 0, curve.length);
        return tlv(0x30, EC_OID, curve);
      }
    }
    throw new InvalidKeyException(path + " does not name its curve");
  }

  private static byte[] tlv(int tag, byte[]... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      body.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = body.size();
    if (length < 0x80) {
      out.write(length);
    } else {
      int lengthBytes = (39 - Integer.numberOfLeadingZeros(length)) / 8;
      out.write(0x80 | lengthBytes);
      for (int i = lengthBytes - 1; i >= 0; i--) {
        out.write(length >>> (8 * i));
      }
    }
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }

  private static List<Block> blocks(Path path) throws IOException {
    Matcher matcher = BLOCK.matcher(Files.readString(path, StandardCharsets.ISO_8859_1));
    List<Block> blocks = new ArrayList<>();
    while (matcher.find()) {
      try {
        blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
      } catch (IllegalArgumentException e) {
        throw new IOException(path + " holds broken base64", e);
      }
    }
    return blocks;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private record Block(String label, byte[] der) {}
}
