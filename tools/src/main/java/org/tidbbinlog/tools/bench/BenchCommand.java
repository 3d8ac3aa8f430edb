package org.tidbbinlog.tools.bench;

import org.tidbbinlog.tools.bench.drain.DrainerBench;
import picocli.CommandLine.Command;

/** The command {@code bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures a Pump or a Drainer (ours or the original), or the disk under a Pump.",
    subcommands = {PumpBench.class, DrainerBench.class, DiskBench.class})
public final class BenchCommand {}
