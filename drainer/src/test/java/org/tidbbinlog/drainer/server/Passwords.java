package org.tidbbinlog.drainer.server;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Encrypts as the original's tool does under its built-in key. */
final class Passwords {
  private static final String KEY =
      "a529b7665997f043a30ac8fadcb51d6aa032c226ab5b7750530b12b8c1a16a48";

  private Passwords() {}

  static String encrypt(String plain) {
    byte[] iv = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    try {
      Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(HexFormat.of().parseHex(KEY), "AES"),
          new IvParameterSpec(iv));
      byte[] secret = cipher.doFinal(plain.getBytes(StandardCharsets.UTF_8));
      byte[] all = new byte[iv.length + 1 + secret.length];
      System.arraycopy(iv, 0, all, 0, iv.length);
      all[iv.length] = '@';
      System.arraycopy(secret, 0, all, iv.length + 1, secret.length);
      return Base64.getEncoder().encodeToString(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
