package org.tidbbinlog.playground;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tidbbinlog.node.config.Version;
import org.tidbbinlog.pump.server.PumpMain;
import org.tidbbinlog.sinks.DrainerEntry;
import org.tidbbinlog.tools.binlogctl.Binlogctl;

/**
 * The one main class: {@code tidb-binlog COMMAND ARGUMENTS}. Each command reads its own arguments
 * and answers its exit code; 2 = no such command.
 */
public final class Launcher {
  private static final int BAD_USAGE = 2;

  private Launcher() {}

  /** A command by its name. */
  private interface Command {
    int run(String[] arguments);
  }

  /** What there is, in the order of the help text. */
  private record Entry(String doc, Command command) {}

  private static Map<String, Entry> commands() {
    Map<String, Entry> commands = new LinkedHashMap<>();
    commands.put(
        "playground", new Entry("a whole cluster on this machine", ToolCommands::playground));
    commands.put("pump", new Entry("a Pump: keeps TiDB's binlogs", PumpMain::run));
    commands.put("drainer", new Entry("a Drainer: applies binlogs to a target", DrainerEntry::run));
    commands.put(
        "binlogctl",
        new Entry("list, pause and take offline nodes; make a savepoint", Binlogctl::run));
    commands.put(
        "ddl",
        new Entry(
            "see DDL that a target refuses, and choose what becomes of it", ToolCommands::ddl));
    commands.put(
        "replay",
        new Entry("play a recorded cluster and compare the target", ToolCommands::replay));
    commands.put(
        "pump-log",
        new Entry("check, count or print what a Pump's directory holds", ToolCommands::pumpLog));
    commands.put("capture", new Entry("record a live cluster for replay", ToolCommands::capture));
    commands.put("bench", new Entry("measure a Pump, a Drainer or a disk", ToolCommands::bench));
    commands.put(
        "simulate",
        new Entry("look for broken promises in a simulated world", ToolCommands::simulate));
    commands.put(
        "differ",
        new Entry("look for differences between target and binlogs", ToolCommands::differ));
    return commands;
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String[] arguments) {
    String name = arguments.length == 0 ? "help" : arguments[0];
    return switch (name) {
      case "help", "-h", "-help", "--help" -> {
        System.out.print(usage());
        yield arguments.length == 0 ? BAD_USAGE : 0;
      }
      case "-V", "--version" -> {
        System.out.print(Version.current().block());
        yield 0;
      }
      default -> {
        Entry entry = commands().get(name);
        if (entry == null) {
          System.err.print("no such command: " + name + "\n\n" + usage());
          yield BAD_USAGE;
        }
        yield entry.command().run(Arrays.copyOfRange(arguments, 1, arguments.length));
      }
    };
  }

  private static String usage() {
    StringBuilder text = new StringBuilder("Usage: tidb-binlog COMMAND [ARGUMENTS]\n\n");
    commands().forEach((name, entry) -> text.append("  %-12s %s%n".formatted(name, entry.doc())));
    return text.append("\n`tidb-binlog COMMAND --help` explains one.\n").toString();
  }
}
