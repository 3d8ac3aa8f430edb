package org.tidbbinlog.codec.key;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.bytes.ComparableBytes;

/**
 * A key of TiDB's meta space in TiKV.
 *
 * <pre>
 * | 'm' | name, comparable bytes | kind, 8 bytes | hash data: field, comparable bytes |
 *                                                | list data: index, 8 bytes         |
 * </pre>
 *
 * Source: ddl-meta section 6.
 *
 * @param field of hash data, {@link Payload#ABSENT} otherwise, and for the prefix of a hash's keys
 * @param listIndex of list data, 0 otherwise
 */
public record MetaKey(Kind kind, String name, Payload field, long listIndex) {
  private static final int NAMESPACE = 'm';
  private static final long SIGN = 1L << 63;

  /** The kind flag. */
  public enum Kind {
    STRING_META('S'),
    STRING_DATA('s'),
    HASH_META('H'),
    HASH_DATA('h'),
    LIST_META('L'),
    LIST_DATA('l');

    private static final Kind[] ALL = values();
    private final char flag;

    Kind(char flag) {
      this.flag = flag;
    }
  }

  public static MetaKey string(String name) {
    return new MetaKey(Kind.STRING_DATA, name, Payload.ABSENT, 0);
  }

  public static MetaKey hash(String name, byte[] field) {
    return new MetaKey(Kind.HASH_DATA, name, Payload.of(field), 0);
  }

  public static MetaKey hash(String name, String field) {
    return hash(name, field.getBytes(StandardCharsets.UTF_8));
  }

  /** What all keys of a hash begin with; encoded, it ends with the kind. */
  public static MetaKey hashPrefix(String name) {
    return new MetaKey(Kind.HASH_DATA, name, Payload.ABSENT, 0);
  }

  public static MetaKey schemaVersion() {
    return string("SchemaVersionKey");
  }

  public static MetaKey nextGlobalId() {
    return string("NextGlobalID");
  }

  public static MetaKey bootstrapVersion() {
    return string("BootstrapKey");
  }

  public static MetaKey schemaDiff(long version) {
    return string("Diff:" + version);
  }

  public static MetaKey databases() {
    return hashPrefix("DBs");
  }

  public static MetaKey database(long dbId) {
    return hash("DBs", "DB:" + dbId);
  }

  /** Prefix of all fields of a database; its tables are those that {@link #isTable()}. */
  public static MetaKey tablesOf(long dbId) {
    return hashPrefix("DB:" + dbId);
  }

  public static MetaKey table(long dbId, long tableId) {
    return hash("DB:" + dbId, "Table:" + tableId);
  }

  public static MetaKey jobHistory() {
    return hashPrefix("DDLJobHistory");
  }

  public static MetaKey job(long jobId) {
    return hash("DDLJobHistory", new ByteWriter(8).be64(jobId).toBytes());
  }

  /** True for the field that holds a table's JSON. */
  public boolean isTable() {
    return name.startsWith("DB:") && fieldText().startsWith("Table:");
  }

  public String fieldText() {
    return field.utf8();
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(64);
    out.u8(NAMESPACE);
    ComparableBytes.encode(name.getBytes(StandardCharsets.ISO_8859_1), out);
    out.be64(kind.flag);
    if (kind == Kind.LIST_DATA) {
      out.be64(listIndex ^ SIGN);
    } else if (field.isPresent()) {
      ComparableBytes.encode(field.toBytes(), out);
    }
    return out.toBytes();
  }

  /** Reads one whole key. */
  public static MetaKey decode(ByteBuffer key) {
    ByteCursor in = ByteCursor.over(key);
    if (in.u8() != NAMESPACE) {
      throw in.fail("not a meta key");
    }
    String name = new String(ComparableBytes.decode(in), StandardCharsets.ISO_8859_1);
    Kind kind = kind(in);
    Payload field = Payload.ABSENT;
    long listIndex = 0;
    if (kind == Kind.HASH_DATA && in.hasRemaining()) {
      field = Payload.of(ComparableBytes.decode(in));
    } else if (kind == Kind.LIST_DATA) {
      listIndex = in.be64() ^ SIGN;
    }
    if (in.hasRemaining()) {
      throw in.fail("bytes after a meta key");
    }
    return new MetaKey(kind, name, field, listIndex);
  }

  private static Kind kind(ByteCursor in) {
    int start = in.offset();
    long flag = in.be64();
    for (Kind kind : Kind.ALL) {
      if (kind.flag == flag) {
        return kind;
      }
    }
    in.seek(start);
    throw in.fail("unknown kind of meta key");
  }
}
