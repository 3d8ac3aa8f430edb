package org.tidbbinlog.node.config;

import java.util.Locale;
import java.util.function.Supplier;

/**
 * One thing that can be set, declared once: where it can be given, what it takes, what it is when
 * it is not given. Made by {@link Settings.Builder#option}.
 */
public final class Option<T> {
  /** What becomes of a given value. */
  public enum Fate {
    LIVE,
    /** Accepted so that old command lines and files go on working; has no effect. */
    IGNORED
  }

  private final Kind<T> kind;
  private final Supplier<T> fallback;
  private final String flag;
  private final String key;
  private final String doc;
  private final Fate fate;

  Option(Kind<T> kind, Supplier<T> fallback, String flag, String key, String doc, Fate fate) {
    this.kind = kind;
    this.fallback = fallback;
    this.flag = flag;
    this.key = key;
    this.doc = doc;
    this.fate = fate;
  }

  Kind<T> kind() {
    return kind;
  }

  public T fallback() {
    return fallback.get();
  }

  /** Name on the command line without dashes; empty = file only. */
  public String flag() {
    return flag;
  }

  /** Dotted path in the file; empty = not in the file. */
  public String key() {
    return key;
  }

  public String doc() {
    return doc;
  }

  public Fate fate() {
    return fate;
  }

  /** The last part of the environment variable's name. */
  String envSuffix() {
    return flag.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** How messages call it. */
  public String name() {
    return flag.isEmpty() ? key : "-" + flag;
  }

  String showFallback() {
    return kind.show(fallback());
  }

  @Override
  public String toString() {
    return name();
  }
}
