package org.tidbbinlog.drainer.translate;

import java.util.List;
import org.tidbbinlog.drainer.schema.SqlWords;
import org.tidbbinlog.drainer.schema.SqlWords.Word;

/** A place among a statement's words. One thread. */
final class NameCursor {
  private static final Word END = new Word(SqlWords.Kind.MARK, "", 0, 0);

  private final List<Word> words;
  private int next;

  NameCursor(List<Word> words) {
    this.words = words;
  }

  boolean isAtEnd() {
    return next >= words.size();
  }

  Word word() {
    return ahead(0);
  }

  /** The word so many places on; a mark without text behind the end. */
  Word ahead(int places) {
    int at = next + places;
    return at >= 0 && at < words.size() ? words.get(at) : END;
  }

  void skip() {
    next++;
  }

  boolean peek(String keyword) {
    return word().is(keyword);
  }

  /** Takes these words when all are next. */
  boolean take(String... keywords) {
    for (int i = 0; i < keywords.length; i++) {
      if (!ahead(i).is(keywords[i])) {
        return false;
      }
    }
    next += keywords.length;
    return true;
  }

  boolean takeAny(String... keywords) {
    for (String keyword : keywords) {
      if (take(keyword)) {
        return true;
      }
    }
    return false;
  }

  /** Stands before the first of these words, or at the statement's end. */
  void skipUntil(String... keywords) {
    while (!isAtEnd() && !peek(";")) {
      for (String keyword : keywords) {
        if (peek(keyword)) {
          return;
        }
      }
      skip();
    }
  }

  /** Takes a name, with or without its database. */
  StatementNames.Name name(StatementNames.Kind kind) {
    Word first = word();
    boolean qualified = ahead(1).is(".") && ahead(2).isName();
    Word last = qualified ? ahead(2) : first;
    next += qualified ? 3 : 1;
    return new StatementNames.Name(
        kind, qualified ? first.text() : "", last.text(), first.start(), last.end());
  }
}
