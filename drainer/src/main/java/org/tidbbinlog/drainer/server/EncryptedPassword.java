package org.tidbbinlog.drainer.server;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.tidbbinlog.base.OperatorException;

/**
 * Passwords in files as the original writes them. Source: drainer section 2.3.
 *
 * <pre>
 * base64( IV, 16 bytes | '@' | AES-CFB ciphertext )
 * </pre>
 */
final class EncryptedPassword {
  /** Variable with the key in hex, 16, 24 or 32 bytes. */
  static final String KEY_VARIABLE = "BINLOG_SECRET_KEY";

  private static final String BUILT_IN_KEY =
      "a529b7665997f043a30ac8fadcb51d6aa032c226ab5b7750530b12b8c1a16a48";
  private static final int IV_BYTES = 16;

  private EncryptedPassword() {}

  static String decrypt(String name, String text, Map<String, String> environment) {
    try {
      byte[] all = Base64.getDecoder().decode(text);
      if (all.length <= IV_BYTES || all[IV_BYTES] != '@') {
        throw unusable(name, "it has no initial vector");
      }
      String hex = environment.getOrDefault(KEY_VARIABLE, "");
      byte[] key = HexFormat.of().parseHex(hex.isEmpty() ? BUILT_IN_KEY : hex);
      Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(key, "AES"),
          new IvParameterSpec(Arrays.copyOf(all, IV_BYTES)));
      byte[] plain = cipher.doFinal(all, IV_BYTES + 1, all.length - IV_BYTES - 1);
      return new String(plain, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw unusable(name, String.valueOf(e.getMessage()));
    }
  }

  private static OperatorException unusable(String name, String why) {
    return new OperatorException(
        name
            + " cannot be decrypted: "
            + why
            + "; make it anew with `binlogctl -cmd encrypt -text ...` under the same "
            + KEY_VARIABLE);
  }
}
