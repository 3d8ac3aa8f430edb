package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;

/** What changes in a log behind the Pump's back is found, also where every CRC is right. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ContinuityProofTest {
  private final Rig rig = new Rig();

  private static long at(long second) {
    return Tso.of(second * 1000, 0).value();
  }

  /** Transactions of equal size, so that records can change places. */
  private void fill(int fromSecond, int toSecond) {
    for (int second = fromSecond; second < toSecond; second += 100) {
      rig.write(
          Records.prewrite(at(second), new byte[300]), Records.commit(at(second), at(second + 1)));
    }
    rig.sort();
    prove();
  }

  private void prove() {
    try {
      while (rig.engine.proveStep()) {}
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Damage> verify(Disk disk) {
    try {
      LogInspection inspection = LogInspection.open(disk);
      List<Damage> damages = new ArrayList<>();
      for (int id : inspection.segments()) {
        damages.addAll(inspection.read(id, ScrubPace.UNLIMITED).orElseThrow().damages());
      }
      damages.addAll(inspection.acrossSegments());
      return damages;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Offsets of the frames of a segment. */
  private static List<Integer> frames(byte[] segment) {
    List<Integer> offsets = new ArrayList<>();
    ByteBuffer bytes = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (at + Frame.HEADER_BYTES <= segment.length && bytes.getInt(at) == Frame.MAGIC) {
      offsets.add(at);
      at += Frame.HEADER_BYTES + (int) bytes.getLong(at + 4);
    }
    offsets.add(at);
    return offsets;
  }

  /** Of a Prewrite, and not the first record. */
  private static int largeFrame(byte[] segment) {
    List<Integer> frames = frames(segment);
    for (int i = 1; i + 1 < frames.size(); i++) {
      if (frames.get(i + 1) - frames.get(i) > 300) {
        return frames.get(i);
      }
    }
    throw new IllegalStateException("no Prewrite");
  }

  private static void recomputeCrc(byte[] segment, int frame) {
    ByteBuffer bytes = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong(frame + 4);
    bytes.putInt(frame + 12, Frame.crc(bytes.slice(frame + Frame.HEADER_BYTES, length)));
  }

  @Test
  void untouchedLog_isSound_whileOpenAndAfterClose() {
    fill(100, 6000);
    assertThat(verify(rig.disk)).isEmpty();
    assertThat(rig.engine.proof().chain()).hasSize(64);

    rig.reopenAfterClose();
    fill(6000, 9000);
    rig.engine.close();
    assertThat(verify(rig.disk)).isEmpty();
  }

  @Test
  void recordAlteredWithItsCrc_inASealedSegment_isFoundWithItsNeighbours() {
    fill(100, 6000);
    byte[] segment = rig.disk.content("value/000001.vlog");
    int frame = largeFrame(segment);
    segment[frame + Frame.HEADER_BYTES + 200] ^= 1;
    recomputeCrc(segment, frame);
    rig.disk.replace("value/000001.vlog", segment);

    assertThat(verify(rig.disk))
        .singleElement()
        .satisfies(
            damage -> {
              assertThat(damage.file()).isEqualTo("value/000001.vlog");
              assertThat(damage.what()).contains("altered");
              assertThat(damage.offset()).isLessThanOrEqualTo(frame);
              assertThat(damage.offset() + damage.bytes()).isGreaterThan(frame);
              assertThat(damage.after().isZero()).isFalse();
            });
  }

  @Test
  void recordRemoved_isFound() {
    fill(100, 6000);
    byte[] segment = rig.disk.content("value/000001.vlog");
    List<Integer> frames = frames(segment);
    byte[] shorter = Arrays.copyOf(segment, segment.length - (frames.get(3) - frames.get(2)));
    System.arraycopy(
        segment, frames.get(3), shorter, frames.get(2), segment.length - frames.get(3));
    rig.disk.replace("value/000001.vlog", shorter);

    assertThat(verify(rig.disk)).isNotEmpty().allMatch(d -> d.file().endsWith("000001.vlog"));
  }

  @Test
  void recordsThatChangedPlaces_areFound() {
    fill(100, 6000);
    byte[] segment = rig.disk.content("value/000002.vlog");
    List<Integer> frames = frames(segment);
    byte[] one = Arrays.copyOfRange(segment, frames.get(1), frames.get(3));
    byte[] two = Arrays.copyOfRange(segment, frames.get(3), frames.get(5));
    ByteBuffer swapped = ByteBuffer.wrap(segment);
    swapped.put(frames.get(1), two).put(frames.get(3), one);
    rig.disk.replace("value/000002.vlog", segment);

    assertThat(verify(rig.disk)).isNotEmpty().allMatch(d -> d.file().endsWith("000002.vlog"));
  }

  @Test
  void segmentMissing_isFound_alsoWhenItWasTheLast() {
    fill(100, 6000);
    List<String> segments = rig.disk.list("value");
    String last = segments.get(segments.size() - 1);
    SimDisk cut = rig.disk.copy();
    cut.delete("value/" + last);
    cut.delete("storage.state");
    assertThat(verify(cut)).extracting(Damage::what).contains("segment is missing");
    rig.engine.close();
    assertThatThrownBy(() -> new Rig(cut))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(last);

    SimDisk hole = rig.disk.copy();
    hole.delete("value/000002.vlog");
    assertThat(verify(hole)).extracting(Damage::what).contains("segment is missing");
  }

  @Test
  void proofMissingInTheMiddle_isFound() {
    fill(100, 6000);
    rig.disk.delete("proof/000002.proof");
    assertThat(verify(rig.disk))
        .extracting(Damage::what)
        .anySatisfy(what -> assertThat(what).contains("proof"));
  }

  @Test
  void proofOfOneSegmentMadeAnew_doesNotFitTheNext() {
    fill(100, 6000);
    byte[] segment = rig.disk.content("value/000001.vlog");
    int frame = largeFrame(segment);
    segment[frame + Frame.HEADER_BYTES + 200] ^= 1;
    recomputeCrc(segment, frame);
    SimDisk forged = rig.disk.copy();
    forged.replace("value/000001.vlog", segment);
    for (String name : List.copyOf(forged.list("proof"))) {
      if (name.compareTo("000001.proof") >= 0) {
        forged.delete("proof/" + name);
      }
    }
    // A Pump makes the missing ones again; then the sound ones of later segments come back.
    Rig forger = new Rig(forged);
    try {
      while (forger.engine.proveStep()) {}
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    forger.engine.close();
    forged.replace("proof/000002.proof", rig.disk.content("proof/000002.proof"));
    assertThat(verify(forged)).extracting(Damage::what).anyMatch(w -> w.contains("chain"));
  }

  @Test
  void wholeLogForged_doesNotHaveTheChainValueWrittenDownElsewhere() throws Exception {
    fill(100, 6000);
    String noted = rig.engine.proof().chain();
    assertThat(hasChainValue(rig.disk, noted)).isTrue();
    SimDisk forged = rig.disk.copy();
    List.copyOf(forged.list("proof")).forEach(name -> forged.delete("proof/" + name));
    Rig forger = new Rig(forged);
    while (forger.engine.proveStep()) {}
    forger.engine.close();
    assertThat(hasChainValue(forged, noted)).isFalse();
  }

  private static boolean hasChainValue(Disk disk, String value) throws Exception {
    LogInspection inspection = LogInspection.open(disk);
    for (int id : inspection.segments()) {
      inspection.read(id, ScrubPace.UNLIMITED);
    }
    return inspection.hasChainValue(value);
  }

  @Test
  void proving_forcesNothingUntilASegmentIsSealed() {
    rig.write(Records.prewrite(at(1), new byte[1000]), Records.commit(at(1), at(2)));
    prove();
    assertThat(rig.engine.proof().isNone()).isTrue();
    rig.write(Records.prewrite(at(3), new byte[2000]), Records.commit(at(3), at(4)));
    int forces = rig.disk.forces;
    prove();
    assertThat(rig.engine.proof().isNone()).isFalse();
    assertThat(rig.disk.forces).isEqualTo(forces);
  }

  @Test
  void quietLog_isProvedEveryTenMinutes_andNotMoreOften() throws Exception {
    rig.write(Records.fake(at(1)));
    prove();
    for (int minute = 2; minute < 60; minute++) {
      rig.clock.advance(Duration.ofMinutes(1));
      rig.write(Records.fake(at(minute)));
      prove();
    }
    int entries = ProofFile.read(rig.disk, 0).orElseThrow().entries().size();
    assertThat(entries).isBetween(4, 6);
  }

  @Test
  void proofTornAtAnyByte_isMadeAgain() throws Exception {
    fill(100, 3000);
    rig.engine.close();
    SimDisk whole = rig.disk.copy();
    String last = "proof/" + whole.list("proof").get(whole.list("proof").size() - 1);
    byte[] proof = whole.content(last);
    for (int size = 0; size < proof.length; size += 7) {
      SimDisk torn = whole.copy();
      torn.replace(last, Arrays.copyOf(proof, size));
      Rig again = new Rig(torn);
      while (again.engine.proveStep()) {}
      again.write(Records.prewrite(at(9000), new byte[3000]), Records.commit(at(9000), at(9001)));
      again.engine.close();
      assertThat(verify(torn)).as("proof cut at %d", size).isEmpty();
    }
  }

  @Test
  void machineCrash_atAnyTime_leavesALogThatVerifies() throws Exception {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Rig one = new Rig(new SimDisk());
      int second = 100;
      for (int life = 0; life < 3; life++) {
        for (int i = random.nextInt(40); i >= 0; i--, second += 100) {
          one.write(
              Records.prewrite(at(second), new byte[random.nextInt(900)]),
              Records.commit(at(second), at(second + 1)));
          for (int steps = random.nextInt(4); steps > 0; steps--) {
            one.engine.proveStep();
          }
        }
        one.disk.crash(random);
        one.open();
        assertThat(verify(one.disk)).as("seed %d life %d", seed, life).isEmpty();
      }
      while (one.engine.proveStep()) {}
      one.engine.close();
      assertThat(verify(one.disk)).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void acknowledgedTail_lost_isRefusedAndLeftAsItIs() {
    rig.write(Records.prewrite(at(1), new byte[2500]), Records.commit(at(1), at(2)));
    prove();
    rig.disk.kill();
    rig.disk.delete("storage.state");
    byte[] segment = rig.disk.content("value/000000.vlog");
    byte[] damaged = segment.clone();
    damaged[100] ^= 1;
    rig.disk.replace("value/000000.vlog", Arrays.copyOf(damaged, 2048));

    assertThatThrownBy(rig::open)
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("value/000000.vlog")
        .hasMessageContaining("acknowledged");
    assertThat(rig.disk.content("value/000000.vlog")).hasSize(2048);
  }

  @Test
  void collection_takesProofsWithTheirSegments() {
    fill(100, 20_000);
    rig.collect(at(10_000));
    assertThat(rig.disk.list("proof").get(0).replace(".proof", ""))
        .isEqualTo(rig.disk.list("value").get(0).replace(".vlog", ""));
    assertThat(verify(rig.disk)).isEmpty();
  }

  @Test
  void logWithoutProofs_getsOneForItsLastSegmentFromNowOn() throws Exception {
    fill(100, 6000);
    rig.engine.close();
    List.copyOf(rig.disk.list("proof")).forEach(name -> rig.disk.delete("proof/" + name));
    rig.open();
    fill(6000, 9000);
    assertThat(verify(rig.disk)).isEmpty();
    LogInspection inspection = LogInspection.open(rig.disk);
    List<Integer> ids = inspection.segments();
    SegmentReport first = inspection.read(ids.get(0), ScrubPace.UNLIMITED).orElseThrow();
    SegmentReport sealed =
        inspection.read(ids.get(ids.size() - 2), ScrubPace.UNLIMITED).orElseThrow();
    assertThat(first.proof()).isEqualTo(SegmentReport.Proof.NONE);
    assertThat(sealed.proof()).isEqualTo(SegmentReport.Proof.SEALED);
  }

  @Test
  void unreadableProof_isPutAsideAndShown() {
    rig.write(Records.prewrite(at(1), new byte[300]), Records.commit(at(1), at(2)));
    prove();
    rig.engine.close();
    String name = "proof/" + rig.disk.list("proof").get(0);
    byte[] proof = rig.disk.content(name);
    proof[5] ^= 1;
    rig.disk.replace(name, proof);

    rig.open();
    prove();

    assertThat(rig.disk.content(name + ".damaged")).isEqualTo(proof);
    assertThat(rig.engine.proof().putAside()).containsExactly(name + ".damaged");
    assertThat(rig.disk.list("proof")).contains(name.substring("proof/".length()));
    rig.reopenAfterClose();
    prove();
    assertThat(rig.engine.proof().putAside()).containsExactly(name + ".damaged");
  }

  @Test
  void holeInAGroupThatACrashTore_isARemnantAndNoDamage() throws Exception {
    rig.write(Records.fake(at(1)));
    prove();
    rig.append(Records.prewrite(at(2), new byte[300]));
    rig.append(Records.fake(at(3)));
    rig.writeAll();
    rig.disk.kill();
    // The group was never forced; of its first record a sector is missing, the second is whole.
    String name = "value/000000.vlog";
    byte[] segment = rig.disk.content(name);
    int hole = (int) Frame.sizeBytes(Records.fake(at(1)).remaining());
    segment[hole + 100] ^= 1;
    rig.disk.replace(name, segment);
    rig.open();
    rig.sort();
    prove();
    rig.engine.close();

    SegmentReport report = LogInspection.open(rig.disk).read(0, ScrubPace.UNLIMITED).orElseThrow();
    assertThat(report.damages()).isEmpty();
    assertThat(report.remnants())
        .singleElement()
        .satisfies(remnant -> assertThat(remnant.offset()).isEqualTo(hole));

    segment = rig.disk.content(name);
    segment[hole + 101] ^= 1;
    rig.disk.replace(name, segment);
    report = LogInspection.open(rig.disk).read(0, ScrubPace.UNLIMITED).orElseThrow();
    assertThat(report.damages()).as("altered after it was signed").isNotEmpty();
  }
}
