package org.tidbbinlog.drainer.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Makes what {@link EncryptedPassword} reads, under the key everybody knows. */
final class EncryptedPasswords {
  private static final String BUILT_IN_KEY =
      "a529b7665997f043a30ac8fadcb51d6aa032c226ab5b7750530b12b8c1a16a48";

  private EncryptedPasswords() {}

  static String encrypt(String text) {
    byte[] iv = new byte[16];
    try {
      Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(HexFormat.of().parseHex(BUILT_IN_KEY), "AES"),
          new IvParameterSpec(iv));
      byte[] secret = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
      ByteBuffer blob = ByteBuffer.allocate(17 + secret.length);
      blob.put(iv).put((byte) '@').put(secret);
      return Base64.getEncoder().encodeToString(blob.array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
