package org.tidbbinlog.node.config;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A password that is of no use to whoever changes it or has not got the key: AES-GCM. Ours; an
 * original Drainer cannot read it.
 *
 * <pre>
 *  "gcm:" base64( nonce, 12 bytes | ciphertext | tag, 16 bytes )
 * </pre>
 */
final class SealedPassword {
  private static final String PREFIX = "gcm:";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private SealedPassword() {}

  static boolean isOne(String text) {
    return text.startsWith(PREFIX);
  }

  static String seal(String plain, byte[] key, SecureRandom random) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] secret =
          cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(plain.getBytes(StandardCharsets.UTF_8));
      byte[] all = ByteBuffer.allocate(NONCE_BYTES + secret.length).put(nonce).put(secret).array();
      return PREFIX + Base64.getEncoder().encodeToString(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no AES-GCM", e);
    }
  }

  /**
   * What was sealed.
   *
   * @throws GeneralSecurityException when it was not sealed with that key, or was changed since
   * @throws IllegalArgumentException when it is no base64, or too short
   */
  static String open(String text, byte[] key) throws GeneralSecurityException {
    byte[] all = Base64.getDecoder().decode(text.substring(PREFIX.length()));
    if (all.length < NONCE_BYTES + TAG_BITS / Byte.SIZE) {
      throw new IllegalArgumentException("it is cut short");
    }
    byte[] plain =
        cipher(Cipher.DECRYPT_MODE, key, all).doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES);
    return new String(plain, StandardCharsets.UTF_8);
  }

  private static Cipher cipher(int mode, byte[] key, byte[] beginsWithNonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    GCMParameterSpec spec = new GCMParameterSpec(TAG_BITS, beginsWithNonce, 0, NONCE_BYTES);
    cipher.init(mode, new SecretKeySpec(key, "AES"), spec);
    return cipher;
  }
}
