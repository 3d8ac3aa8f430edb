package org.tidbbinlog.codec.schema;

import java.util.Locale;

/**
 * A name with its original spelling; {@link #lower()} is what comparisons use. Source: ddl-meta
 * section 8.
 */
public record CiName(String original, String lower) {
  public static CiName of(String name) {
    return new CiName(name, name.toLowerCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return original;
  }
}
