package org.tidbbinlog.codec.bytes;

/**
 * Bytes in their comparable (memcomparable) form: groups of eight, each followed by a marker.
 *
 * <pre>
 * | 8 data bytes | ff | 8 data bytes | ff | 0..7 data bytes, padded with 00 | ff - pads |
 * </pre>
 *
 * Source: row-format section 2.2.
 */
public final class ComparableBytes {
  private static final int GROUP = 8;
  private static final int FULL = 0xff;

  private ComparableBytes() {}

  public static int encodedSize(int length) {
    return (length / GROUP + 1) * (GROUP + 1);
  }

  public static void encode(byte[] bytes, ByteWriter out) {
    for (int at = 0; at <= bytes.length; at += GROUP) {
      int data = Math.min(GROUP, bytes.length - at);
      out.bytes(bytes, at, data);
      for (int i = data; i < GROUP; i++) {
        out.u8(0);
      }
      out.u8(FULL - (GROUP - data));
    }
  }

  public static byte[] encode(byte[] bytes) {
    ByteWriter out = new ByteWriter(encodedSize(bytes.length));
    encode(bytes, out);
    return out.toBytes();
  }

  /** Steps over one encoded run without looking at its data. */
  public static void skip(ByteCursor in) {
    int pads;
    do {
      in.skip(GROUP);
      pads = FULL - in.u8();
      if (pads > GROUP) {
        throw in.fail("comparable bytes: " + pads + " pad bytes");
      }
    } while (pads == 0);
  }

  public static byte[] decode(ByteCursor in) {
    ByteWriter out = new ByteWriter();
    byte[] group = new byte[GROUP];
    while (true) {
      for (int i = 0; i < GROUP; i++) {
        group[i] = (byte) in.u8();
      }
      int pads = FULL - in.u8();
      if (pads > GROUP) {
        throw in.fail("comparable bytes: " + pads + " pad bytes");
      }
      out.bytes(group, 0, GROUP - pads);
      if (pads > 0) {
        for (int i = GROUP - pads; i < GROUP; i++) {
          if (group[i] != 0) {
            throw in.fail("comparable bytes: a pad byte is not zero");
          }
        }
        return out.toBytes();
      }
    }
  }
}
