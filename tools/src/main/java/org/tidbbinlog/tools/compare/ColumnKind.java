package org.tidbbinlog.tools.compare;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import org.tidbbinlog.codec.number.FloatText;

/**
 * How values of a column are read from a target and brought into one form that is equal exactly
 * when the values are. Both sides pass through {@link #canonical}: the recorded text of a source
 * and the text that {@link #select} yields on a target.
 */
enum ColumnKind {
  INTEGER {
    @Override
    String canonical(String text) {
      return new BigInteger(text).toString();
    }
  },
  FLOAT {
    @Override
    String select(String quoted) {
      return "(0e0 + " + quoted + ")";
    }

    @Override
    String canonical(String text) {
      float value = Float.parseFloat(text);
      return value == 0 ? "0" : Float.toString(value);
    }

    @Override
    String batchText(String text) {
      return FloatText.sql(Float.parseFloat(text));
    }
  },
  DOUBLE {
    @Override
    String select(String quoted) {
      return "(0e0 + " + quoted + ")";
    }

    @Override
    String canonical(String text) {
      double value = Double.parseDouble(text);
      return value == 0 ? "0" : Double.toString(value);
    }

    @Override
    String batchText(String text) {
      return FloatText.sql(Double.parseDouble(text));
    }
  },
  /** Value and scale. */
  DECIMAL {
    @Override
    String canonical(String text) {
      return new BigDecimal(text).toPlainString();
    }
  },
  TEXT {
    @Override
    String select(String quoted) {
      return quoted;
    }
  },
  /** Upper-case hex. */
  BINARY {
    @Override
    String select(String quoted) {
      return "HEX(" + quoted + ")";
    }
  },
  /** Upper-case hex of the number, without leading zeros. */
  BIT {
    @Override
    String select(String quoted) {
      return "HEX(CAST(" + quoted + " AS UNSIGNED))";
    }

    @Override
    String canonical(String text) {
      return text.isEmpty() ? "0" : new BigInteger(text, 16).toString(16).toUpperCase(Locale.ROOT);
    }
  },
  /** Dates and times, as text with all their fraction digits. */
  TEMPORAL,
  JSON {
    @Override
    String select(String quoted) {
      return quoted;
    }

    @Override
    String canonical(String text) {
      return CanonicalJson.of(text);
    }

    @Override
    String batchText(String text) {
      return text;
    }
  },
  /** ENUM and SET: names. */
  NAMES;

  /** The expression that reads the column; text, or NULL. */
  String select(String quoted) {
    return "CAST(" + quoted + " AS CHAR)";
  }

  /** The one form of a value that is not NULL. */
  String canonical(String text) {
    return text;
  }

  /** A selected value as the source would print it. */
  String batchText(String text) {
    return canonicalOrText(text);
  }

  /** Values that are not of the kind stay themselves, and so differ from those that are. */
  final String canonicalOrText(String text) {
    try {
      return canonical(text);
    } catch (NumberFormatException e) {
      return text;
    }
  }

  /** The kind of a target's column by its {@code information_schema} data type. */
  static ColumnKind of(String dataType) {
    return switch (dataType.toLowerCase(Locale.ROOT)) {
      case "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year" -> INTEGER;
      case "float" -> FLOAT;
      case "double", "real" -> DOUBLE;
      case "decimal", "numeric" -> DECIMAL;
      case "bit" -> BIT;
      case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" -> BINARY;
      case "date", "datetime", "timestamp", "time" -> TEMPORAL;
      case "json" -> JSON;
      case "enum", "set" -> NAMES;
      default -> TEXT;
    };
  }
}
