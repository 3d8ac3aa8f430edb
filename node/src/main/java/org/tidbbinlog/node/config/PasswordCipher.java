package org.tidbbinlog.node.config;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
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
 * Passwords in configuration files: {@code binlogctl} makes them, the Drainer reads them. The key
 * is well known unless the variable is set, and nothing notices tampering: this hides a password
 * from a glance, no more; {@link #seal} does better. Source: binlogctl section 7, drainer section
 * 2.3.
 *
 * <pre>
 *  base64( initial vector, 16 bytes | '@' | AES-CFB ciphertext )
 * </pre>
 */
public final class PasswordCipher {
  /** Variable with the key in hex: 16, 24 or 32 bytes. */
  public static final String KEY_VARIABLE = "BINLOG_SECRET_KEY";

  private static final String BUILT_IN_KEY =
      "a529b7665997f043a30ac8fadcb51d6aa032c226ab5b7750530b12b8c1a16a48";

  private static final Logger LOG = LoggerFactory.getLogger(PasswordCipher.class);
  private static final int IV_BYTES = 16;

  private final byte[] key;
  private final boolean builtIn;

  private PasswordCipher(byte[] key, boolean builtIn) {
    this.key = key;
    this.builtIn = builtIn;
  }

  /**
   * With the key of the environment.
   *
   * @throws OperatorException when that is no key
   */
  public static PasswordCipher of(Map<String, String> environment) {
    String hex = environment.getOrDefault(KEY_VARIABLE, "");
    byte[] key;
    try {
      key = HexFormat.of().parseHex(hex.isEmpty() ? BUILT_IN_KEY : hex);
    } catch (IllegalArgumentException e) {
      throw new OperatorException("secretKey not valid: " + KEY_VARIABLE + " is not hex");
    }
    if (key.length != 16 && key.length != 24 && key.length != 32) {
      throw new OperatorException(
          "secretKey not valid: %s has %d bytes, must be 16, 24 or 32"
              .formatted(KEY_VARIABLE, key.length));
    }
    return new PasswordCipher(key, hex.isEmpty());
  }

  /** What a configuration file may hold instead of {@code text}. */
  public String encrypt(String text, SecureRandom random) {
    if (builtIn) {
      LOG.atWarn()
          .addKeyValue("way out", "set " + KEY_VARIABLE + ", here and for the drainer")
          .log("use the default secret key to encrypt");
    }
    byte[] iv = new byte[IV_BYTES];
    random.nextBytes(iv);
    try {
      byte[] plain = text.getBytes(StandardCharsets.UTF_8);
      byte[] secret = cipher(Cipher.ENCRYPT_MODE, iv).doFinal(plain);
      ByteBuffer blob = ByteBuffer.allocate(IV_BYTES + 1 + secret.length);
      blob.put(iv).put((byte) '@').put(secret);
      return Base64.getEncoder().encodeToString(blob.array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no AES-CFB", e);
    }
  }

  /**
   * As {@link #encrypt}, but it takes a key of one's own, and a password that somebody changed is
   * refused. Only our Drainer reads it.
   *
   * @throws OperatorException without a key in the environment
   */
  public String seal(String text, SecureRandom random) {
    if (builtIn) {
      throw new OperatorException(
          "gcm needs a key of your own: set %s to 32 random bytes in hex, here and for the drainer"
              .formatted(KEY_VARIABLE));
    }
    return SealedPassword.seal(text, key, random);
  }

  /**
   * What {@code encrypt} or {@code seal} was given.
   *
   * @param name the key in the file, for the error
   * @throws OperatorException when {@code text} was not made by them
   */
  public String decrypt(String name, String text) {
    try {
      if (SealedPassword.isOne(text)) {
        if (builtIn) {
          throw new OperatorException(
              name + " is sealed with a key: set " + KEY_VARIABLE + " to that key");
        }
        return SealedPassword.open(text, key);
      }
      byte[] all = Base64.getDecoder().decode(text);
      if (all.length <= IV_BYTES || all[IV_BYTES] != '@') {
        throw unusable(name, "it has no initial vector");
      }
      byte[] plain =
          cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(all, IV_BYTES))
              .doFinal(all, IV_BYTES + 1, all.length - IV_BYTES - 1);
      return new String(plain, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw unusable(name, String.valueOf(e.getMessage()));
    }
  }

  private Cipher cipher(int mode, byte[] iv) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
    return cipher;
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
