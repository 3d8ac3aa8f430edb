package org.tidbbinlog.tools.bench;

import picocli.CommandLine.Command;

/** The command {@code bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures a Pump (ours or the original), or the disk under one.",
    subcommands = {PumpBench.class, DiskBench.class})
public final class BenchCommand {}
