package org.tidbbinlog.sinks.mysql.target;

import java.util.Locale;

/**
 * A column as the target has it.
 *
 * @param dataType lower-case type name without length
 * @param collation empty for types without one
 * @param scale digits after the point of FLOAT(m,d) and DOUBLE(m,d), -1 when not fixed
 */
public record TargetColumn(
    String name,
    String dataType,
    Source source,
    Nullability nullability,
    String collation,
    int scale) {
  /** Stands for an upstream column that the target does not have. */
  public static final TargetColumn MISSING =
      new TargetColumn("", "", Source.MISSING, Nullability.NULLABLE, "", -1);

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
