package org.tidbbinlog.sim;

import java.io.IOException;
import java.util.function.BiConsumer;

/** What goes wrong before an operation of a disk, and what else happens there. */
final class DiskFaults implements SimDisk.Hook {
  private static final int NEVER = -1;

  private final Chance chance;
  private final BiConsumer<SimDisk.Operation, String> overlap;
  private int operationsLeft = NEVER;
  private PowerCut.Of endOf = PowerCut.Of.PROCESS;
  private int failingForces;
  private ForceFailure.Bytes bytes = ForceFailure.Bytes.KEPT;
  private int failingReads;
  private int failingOrderWrites;
  private int failingDeletes;
  private boolean quiet;

  /** A process killed between a forgotten force and the cut behind it is out of reach. */
  private boolean justForgot;

  /**
   * @param overlap lets another stage run
   */
  DiskFaults(Chance chance, BiConsumer<SimDisk.Operation, String> overlap) {
    this.chance = chance;
    this.overlap = overlap;
  }

  /** The end comes in the middle of a step, after so many changing operations. */
  void endAfter(int operations, PowerCut.Of of) {
    operationsLeft = operations;
    endOf = of;
  }

  void failForces(int count, ForceFailure.Bytes what) {
    failingForces = count;
    bytes = what;
  }

  void failReads(int count) {
    failingReads = count;
  }

  /** What is sorted cannot be written for a while; the log itself can. */
  void failOrderWrites(int count) {
    failingOrderWrites = count;
  }

  /** Files of the log cannot be deleted for a while. */
  void failDeletes(int count) {
    failingDeletes = count;
  }

  /** From now on nothing fails. */
  void heal() {
    operationsLeft = NEVER;
    soundAgain();
  }

  private void soundAgain() {
    failingForces = 0;
    failingReads = 0;
    failingOrderWrites = 0;
    failingDeletes = 0;
  }

  /** A new process finds a sound device, mostly. */
  void afterEnd() {
    operationsLeft = chance.oneIn(8) ? chance.below(30) : NEVER;
    soundAgain();
  }

  /** Nothing fails and nothing else runs: for a checker's look. */
  void quietly(Runnable look) {
    boolean before = quiet;
    quiet = true;
    try {
      look.run();
    } finally {
      quiet = before;
    }
  }

  @Override
  public void before(SimDisk.Operation operation, String file) throws IOException {
    if (quiet) {
      return;
    }
    if (chance.oneIn(6)) {
      overlap.accept(operation, file);
    }
    if (operation == SimDisk.Operation.READ) {
      if (failingReads > 0) {
        failingReads--;
        throw new IOException("Input/output error reading " + file);
      }
      return;
    }
    if (operationsLeft > 0) {
      operationsLeft--;
    } else if (operationsLeft == 0 && !justForgot) {
      operationsLeft = NEVER;
      throw new PowerCut(endOf);
    }
    justForgot = false;
    if (operation == SimDisk.Operation.WRITE
        && failingOrderWrites > 0
        && file.startsWith("order/")) {
      failingOrderWrites--;
      throw new IOException("Input/output error writing " + file);
    }
    if (operation == SimDisk.Operation.NAME && failingDeletes > 0 && file.startsWith("value/")) {
      failingDeletes--;
      throw new IOException("Input/output error deleting " + file);
    }
    if (operation == SimDisk.Operation.FORCE && failingForces > 0) {
      failingForces--;
      justForgot = bytes == ForceFailure.Bytes.FORGOTTEN;
      throw new ForceFailure(bytes);
    }
  }

  /** Another stage may run here, although no disk is touched. */
  void maybeOverlap() {
    if (!quiet && chance.oneIn(3)) {
      overlap.accept(SimDisk.Operation.NAME, "");
    }
  }
}
