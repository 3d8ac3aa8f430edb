package org.tidbbinlog.sinks.mysql.rows;

import java.text.Normalizer;

/**
 * A coarse form of a text: texts that any collation takes for equal have the same form. Different
 * texts may share one, which costs order where none is needed and nothing else. Case, accents,
 * widths, control characters, kana kinds, repeated characters and all characters beyond the basic
 * plane are taken together.
 */
final class CollationFold {
  private CollationFold() {}

  static String fold(String text) {
    String plain = isAscii(text) ? text : Normalizer.normalize(text, Normalizer.Form.NFKD);
    StringBuilder out = new StringBuilder(plain.length());
    for (int i = 0; i < plain.length(); i++) {
      appendFolded(out, plain.charAt(i));
    }
    int end = out.length();
    while (end > 0 && out.charAt(end - 1) == ' ') {
      end--;
    }
    return out.substring(0, end);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        return false;
      }
    }
    return true;
  }

  private static void appendFolded(StringBuilder out, char c) {
    if (c >= 'a' && c <= 'z') {
      push(out, c);
    } else if (c >= 'A' && c <= 'Z') {
      push(out, (char) (c + 32));
    } else if (c >= ' ' && c < 127) {
      push(out, c);
    } else if (Character.isSurrogate(c)) {
      push(out, '\uFFFD');
    } else if (!isIgnored(c)) {
      appendOther(out, c);
    }
  }

  private static boolean isIgnored(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.MODIFIER_LETTER,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  private static void appendOther(StringBuilder out, char c) {
    if (Character.isDigit(c)) {
      push(out, (char) ('0' + Character.digit(c, 10)));
      return;
    }
    if (Character.isSpaceChar(c)) {
      push(out, ' ');
      return;
    }
    String expanded = expansion(c);
    for (int i = 0; i < expanded.length(); i++) {
      push(out, expanded.charAt(i));
    }
  }

  private static String expansion(char c) {
    char lower = Character.toLowerCase(Character.toUpperCase(c));
    return switch (lower) {
      case 'ß', 'ſ', 'ẞ' -> "s";
      case 'æ' -> "ae";
      case 'œ' -> "oe";
      case 'ø' -> "o";
      case 'đ', 'ð' -> "d";
      case 'ł' -> "l";
      case 'þ' -> "th";
      case 'ħ' -> "h";
      case 'ı' -> "i";
      case 'ŋ' -> "n";
      case 'ŧ' -> "t";
      default -> String.valueOf(kana(lower));
    };
  }

  /** Katakana as hiragana, small kana as large ones. */
  private static char kana(char c) {
    char hiragana = c >= 'ァ' && c <= 'ヶ' ? (char) (c - 0x60) : c;
    return switch (hiragana) {
      case 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ', 'っ', 'ゃ', 'ゅ', 'ょ', 'ゎ' -> (char) (hiragana + 1);
      case 'ゕ' -> 'か';
      case 'ゖ' -> 'け';
      default -> hiragana;
    };
  }

  private static void push(StringBuilder out, char c) {
    boolean repeats = out.length() > 0 && out.charAt(out.length() - 1) == c;
    if (!repeats) {
      out.append(c);
    }
  }
}
