package org.tidbbinlog.node.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;

/**
 * The settings of one command: a list of options, and how a run's values are put together. Command
 * line beats environment beats file beats default. Source: pump sections 1 to 3, drainer sections 1
 * and 2.
 */
public final class Settings {
  private static final Logger LOG = LoggerFactory.getLogger(Settings.class);

  private final String command;
  private final String summary;
  private final String envPrefix;
  private final int positionalExitCode;
  private final List<String> examples;
  private final List<Option<?>> options;
  private final Option<Boolean> version;
  private final Option<String> config;

  private Settings(Builder builder) {
    this.command = builder.command;
    this.summary = builder.summary;
    this.envPrefix = builder.envPrefix;
    this.positionalExitCode = builder.positionalExitCode;
    this.examples = List.copyOf(builder.examples);
    this.version = builder.version;
    this.config = builder.config;
    this.options = List.copyOf(builder.options);
  }

  /**
   * @param command as the user types it, for example {@code pump}
   */
  public static Builder command(String command, String summary) {
    return new Builder(command, summary);
  }

  /** Declares the options; {@code -V} is always there. */
  public static final class Builder {
    private final String command;
    private final String summary;
    private final List<String> examples = new ArrayList<>();
    private final List<Option<?>> options = new ArrayList<>();
    private final Option<Boolean> version;
    private Option<String> config;
    private String envPrefix = "";
    private int positionalExitCode = 1;

    private Builder(String command, String summary) {
      this.command = command;
      this.summary = summary;
      this.version =
          option(Kind.BOOL, false).flag("V").doc("print version information and exit").add();
      this.config = new Option<>(Kind.STRING, () -> "", "", "", "", Option.Fate.LIVE);
    }

    /** Variables {@code <prefix><FLAG>} are looked at. Default: no environment. */
    public Builder environment(String prefix) {
      this.envPrefix = prefix;
      return this;
    }

    /** The command takes {@code -config FILE}. */
    public Builder configFile() {
      this.config =
          option(Kind.STRING, "").flag("config").doc("path of the configuration file (TOML)").add();
      return this;
    }

    /** Exit code for arguments that are no flags. Default 1. */
    public Builder positionalExitCode(int code) {
      this.positionalExitCode = code;
      return this;
    }

    public Builder example(String line) {
      examples.add(line);
      return this;
    }

    public <T> Declaring<T> option(Kind<T> kind, T fallback) {
      return new Declaring<>(this, kind, () -> fallback);
    }

    /** With a default that is found out only when it is needed. */
    public <T> Declaring<T> option(Kind<T> kind, Supplier<T> fallback) {
      return new Declaring<>(this, kind, fallback);
    }

    public Settings build() {
      return new Settings(this);
    }
  }

  /** One option being declared. */
  public static final class Declaring<T> {
    private final Builder builder;
    private final Kind<T> kind;
    private final Supplier<T> fallback;
    private String flag = "";
    private String key = "";
    private String doc = "";
    private Option.Fate fate = Option.Fate.LIVE;

    private Declaring(Builder builder, Kind<T> kind, Supplier<T> fallback) {
      this.builder = builder;
      this.kind = kind;
      this.fallback = fallback;
    }

    /** Name on the command line (and, with the prefix, in the environment). */
    public Declaring<T> flag(String flag) {
      this.flag = flag;
      return this;
    }

    /** Dotted path in the file, for example {@code syncer.to.host}. Case does not matter there. */
    public Declaring<T> key(String key) {
      this.key = key;
      return this;
    }

    public Declaring<T> doc(String doc) {
      this.doc = doc;
      return this;
    }

    /** Accepted, without effect. */
    public Declaring<T> ignored() {
      this.fate = Option.Fate.IGNORED;
      return this;
    }

    public Option<T> add() {
      Option<T> option = new Option<>(kind, fallback, flag, key, doc, fate);
      builder.options.add(option);
      return option;
    }
  }

  /**
   * Puts the values of a run together.
   *
   * @throws CommandExit for help, version, unknown flags and bad flag values
   * @throws OperatorException for everything wrong with file, environment or arguments
   */
  public Values parse(List<String> arguments, Map<String, String> environment) {
    Values values = new Values(options);
    GoFlags flags = GoFlags.parse(this, arguments);
    if (flags.value(version).map(Boolean.TRUE::equals).orElse(false)) {
      throw new CommandExit(0, CommandExit.Stream.STDOUT, Version.current().block() + "\n");
    }
    if (!flags.rest().isEmpty()) {
      throw new OperatorException(
          "'" + flags.rest().get(0) + "' is not a valid flag", positionalExitCode);
    }
    String file = flags.value(config).map(String::valueOf).orElse("");
    if (!file.isEmpty()) {
      TomlFile.read(Path.of(file), command, options)
          .forEach((option, value) -> values.set(option, value, Origin.FILE));
    }
    if (!envPrefix.isEmpty()) {
      applyEnvironment(values, environment);
    }
    for (Option<?> option : options) {
      flags.value(option).ifPresent(value -> values.set(option, value, Origin.COMMAND_LINE));
    }
    return values;
  }

  private void applyEnvironment(Values values, Map<String, String> environment) {
    for (Option<?> option : options) {
      String name = envPrefix + option.envSuffix();
      String text = option.flag().isEmpty() ? null : environment.get(name);
      if (text == null || text.isEmpty() || option == config || option == version) {
        continue;
      }
      try {
        values.set(option, option.kind().fromText(text), Origin.ENVIRONMENT);
      } catch (BadValueException e) {
        throw new OperatorException(
            "invalid value \"" + text + "\" for environment variable " + name + ": " + e.reason());
      }
      LOG.atInfo().addKeyValue("variable", name).log("environment variable used");
    }
  }

  /** The options as declared, in that order. */
  public List<Option<?>> options() {
    return options;
  }

  String command() {
    return command;
  }

  Optional<Option<?>> byFlag(String flag) {
    return options.stream().filter(o -> !flag.isEmpty() && o.flag().equals(flag)).findFirst();
  }

  /** What {@code -help} prints. */
  public String usage() {
    return Usage.text(command, summary, options, examples);
  }
}
