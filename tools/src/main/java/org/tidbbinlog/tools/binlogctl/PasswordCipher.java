package org.tidbbinlog.tools.binlogctl;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;

/**
 * Makes what Drainer's {@code encrypted_password} takes. The key is well known unless the variable
 * is set, and nothing notices tampering: this hides a password from a glance, no more. Source:
 * binlogctl section 7.
 *
 * <pre>
 *  base64( initial vector, 16 bytes | '@' | AES-CFB ciphertext )
 * </pre>
 */
final class PasswordCipher {
  static final String KEY_VARIABLE = "BINLOG_SECRET_KEY";
  static final String BUILT_IN_KEY =
      "a529b7665997f043a30ac8fadcb51d6aa032c226ab5b7750530b12b8c1a16a48";

  private static final Logger log = LoggerFactory.getLogger(PasswordCipher.class);
  private static final int IV_BYTES = 16;

  private final byte[] key;

  private PasswordCipher(byte[] key) {
    this.key = key;
  }

  static PasswordCipher of(Map<String, String> environment) {
    String hex = environment.getOrDefault(KEY_VARIABLE, "");
    if (hex.isEmpty()) {
      log.atWarn()
          .addKeyValue("way out", "set " + KEY_VARIABLE + ", here and for the drainer")
          .log("use the default secret key to encrypt");
      return new PasswordCipher(HexFormat.of().parseHex(BUILT_IN_KEY));
    }
    byte[] key;
    try {
      key = HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new OperatorException("secretKey not valid: " + KEY_VARIABLE + " is not hex");
    }
    if (key.length != 16 && key.length != 24 && key.length != 32) {
      throw new OperatorException(
          "secretKey not valid: "
              + KEY_VARIABLE
              + " has "
              + key.length
              + " bytes, must be 16, 24 or 32");
    }
    return new PasswordCipher(key);
  }

  String encrypt(String text, SecureRandom random) {
    byte[] iv = new byte[IV_BYTES];
    random.nextBytes(iv);
    try {
      Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
      byte[] secret = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
      ByteBuffer blob = ByteBuffer.allocate(IV_BYTES + 1 + secret.length);
      blob.put(iv).put((byte) '@').put(secret);
      return Base64.getEncoder().encodeToString(blob.array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no AES-CFB", e);
    }
  }
}
