package org.tidbbinlog.sinks.mysql.target;

import java.util.Locale;

/**
 * A column as the target has it.
 *
 * @param dataType lower-case type name without length
 * @param collation empty for types without one
 * @param unsent what the target takes where no value is sent
 * @param scale digits after the point of FLOAT(m,d) and DOUBLE(m,d), -1 when not fixed
 * @param bits width of a BIT(n), 0 for other types
 */
public record TargetColumn(
    String name,
    String dataType,
    Source source,
    Nullability nullability,
    Unsent unsent,
    String collation,
    int scale,
    int bits) {
  /** Stands for an upstream column that the target does not have. */
  public static final TargetColumn MISSING =
      new TargetColumn("", "", Source.MISSING, Nullability.NULLABLE, Unsent.TAKEN, "", -1, 0);

  /** Where values of the column come from. */
  public enum Source {
    WRITTEN,
    GENERATED,
    MISSING
  }

  /** Whether the column takes NULL. */
  public enum Nullability {
    NULLABLE,
    NOT_NULL
  }

  /** Whether a row may leave the column out. */
  public enum Unsent {
    /** A default, a number of its own, NULL, or what is computed. */
    TAKEN,
    /** Nothing sensible: without strict mode, the same value for every row. */
    REFUSED
  }

  public boolean needsValue() {
    return unsent == Unsent.REFUSED;
  }

  public boolean isWritten() {
    return source == Source.WRITTEN;
  }

  public boolean isNotNull() {
    return nullability == Nullability.NOT_NULL;
  }

  /** Texts compare byte by byte, apart from trailing spaces. */
  public boolean isBinaryCollation() {
    String lower = collation.toLowerCase(Locale.ROOT);
    return lower.isEmpty() || lower.equals("binary") || lower.endsWith("_bin");
  }
}
