package org.tidbbinlog.sinks.mysql.ddl;

/**
 * A piece of a statement that means something; blanks and comments lie between tokens.
 *
 * @param start offset of the first character
 * @param end offset behind the last character
 * @param text as written, except that a quoted name is without its quotes
 */
record SqlToken(Kind kind, int start, int end, String text) {
  /** What a token is. */
  enum Kind {
    WORD,
    QUOTED_NAME,
    STRING,
    NUMBER,
    SYMBOL,
    END
  }

  boolean is(String word) {
    return (kind == Kind.WORD || kind == Kind.SYMBOL) && text.equalsIgnoreCase(word);
  }

  boolean isName() {
    return kind == Kind.WORD || kind == Kind.QUOTED_NAME;
  }
}
