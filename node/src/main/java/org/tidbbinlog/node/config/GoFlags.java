package org.tidbbinlog.node.config;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * A command line read as Go's {@code flag} package does: {@code -k v}, {@code --k=v}; a boolean
 * takes its value only after {@code =}; the first argument that is no flag ends the flags, as does
 * {@code --}. The last of several wins.
 */
final class GoFlags {
  private final Settings settings;
  private final IdentityHashMap<Option<?>, Object> values = new IdentityHashMap<>();
  private List<String> rest = List.of();

  private GoFlags(Settings settings) {
    this.settings = settings;
  }

  /**
   * @throws CommandExit code 0 for help, 2 for everything Go refuses
   */
  static GoFlags parse(Settings settings, List<String> arguments) {
    GoFlags flags = new GoFlags(settings);
    int at = 0;
    while (at < arguments.size()) {
      String argument = arguments.get(at);
      if (argument.length() < 2 || argument.charAt(0) != '-') {
        break;
      }
      at++;
      if (argument.equals("--")) {
        break;
      }
      at +=
          flags.take(
              argument, at < arguments.size() ? Optional.of(arguments.get(at)) : Optional.empty());
    }
    flags.rest = List.copyOf(arguments.subList(at, arguments.size()));
    return flags;
  }

  /** Takes one flag and answers how many of the following arguments it used. */
  private int take(String argument, Optional<String> next) {
    String name = argument.substring(argument.startsWith("--") ? 2 : 1);
    if (name.isEmpty() || name.charAt(0) == '-' || name.charAt(0) == '=') {
      throw refuse("bad flag syntax: " + argument);
    }
    int equals = name.indexOf('=');
    Optional<String> value = Optional.empty();
    if (equals > 0) {
      value = Optional.of(name.substring(equals + 1));
      name = name.substring(0, equals);
    }
    Optional<Option<?>> found = settings.byFlag(name);
    if (found.isEmpty()) {
      if (name.equals("help") || name.equals("h")) {
        throw new CommandExit(0, CommandExit.Stream.STDERR, settings.usage());
      }
      throw refuse("flag provided but not defined: -" + name);
    }
    Option<?> option = found.get();
    if (option.kind() == Kind.BOOL) {
      set(option, value.orElse("true"), "boolean value");
      return 0;
    }
    if (value.isPresent()) {
      set(option, value.get(), "value");
      return 0;
    }
    set(
        option,
        next.orElseThrow(() -> refuse("flag needs an argument: -" + option.flag())),
        "value");
    return 1;
  }

  private void set(Option<?> option, String text, String what) {
    try {
      values.put(option, option.kind().fromText(text));
    } catch (BadValueException e) {
      String link = what.equals("value") ? " for flag -" : " for -";
      throw refuse(
          "invalid " + what + " \"" + text + '"' + link + option.flag() + ": " + e.reason());
    }
  }

  private CommandExit refuse(String message) {
    return new CommandExit(2, CommandExit.Stream.STDERR, message + "\n" + settings.usage());
  }

  @SuppressWarnings("unchecked") // set() stores what the option's own kind made
  <T> Optional<T> value(Option<T> option) {
    return Optional.ofNullable((T) values.get(option));
  }

  List<String> rest() {
    return rest;
  }
}
