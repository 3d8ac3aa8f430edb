package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.wire.payload.Binlog;
import org.tidbbinlog.wire.payload.BinlogType;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StoreFactsTest {
  private final Rig rig = new Rig();

  @Test
  @DisplayName("pump-protocol fact 8: Prewrite then Commit is delivered as one completed Commit")
  void prewriteAndCommit_pulled_isCompletedCommit() {
    rig.write(Records.prewrite(10, new byte[] {1, 2, 3}), Records.commit(10, 12));
    rig.sort();

    List<PullRecord> pulled = rig.pull(0);

    assertThat(pulled).hasSize(1);
    assertThat(pulled.get(0).startTs()).isEqualTo(new Tso(10));
    assertThat(pulled.get(0).commitTs()).isEqualTo(new Tso(12));
    assertThat(pulled.get(0).payload())
        .isEqualTo(Records.bytes(Records.delivered(10, 12, new byte[] {1, 2, 3})));
    assertThat(rig.engine.maxCommitTs()).isEqualTo(new Tso(12));
  }

  @Test
  @DisplayName("pump-protocol fact 9: a rolled-back Prewrite is not delivered, what follows is")
  void rollback_provenByTikv_isDroppedAndLaterRecordsFlow() {
    rig.fates.put(10L, new TransactionFate.RolledBack());
    rig.write(Records.prewrite(10, new byte[] {1}), Records.rollback(10), Records.fake(20));
    rig.settle();

    assertThat(rig.pulledTs(0)).containsExactly(20L);
    assertThat(rig.engine.unmatchedCount()).isZero();
  }

  @Test
  void rollbackNotice_ofCommittedTransaction_isNotBelieved() {
    rig.fates.put(10L, new TransactionFate.Committed(new Tso(15)));
    rig.write(Records.prewrite(10, new byte[] {1}), Records.rollback(10), Records.fake(20));
    rig.settle();

    assertThat(rig.pulledTs(0)).containsExactly(15L, 20L);
    assertThat(Records.parse(rig.pull(0).get(0)).getPrewriteValue())
        .isEqualTo(ByteString.copyFrom(new byte[] {1}));
  }

  @Test
  void rollbackNotice_whileTikvIsUndecided_holdsEverythingBack() {
    rig.write(Records.prewrite(10, new byte[] {1}), Records.rollback(10), Records.fake(20));
    rig.settle();

    assertThat(rig.pulledTs(0)).isEmpty();
    assertThat(rig.engine.dangling(10))
        .singleElement()
        .satisfies(
            dangling -> {
              assertThat(dangling.startTs()).isEqualTo(new Tso(10));
              assertThat(dangling.state()).isEqualTo("locked");
              assertThat(dangling.waited()).isGreaterThan(Duration.ofSeconds(1));
            });
  }

  @Test
  @DisplayName("pump fact 13: a Prewrite without Commit is resolved through TiKV and delivered")
  void danglingPrewrite_committedInTikv_isDeliveredWithThatTimestamp() {
    rig.fates.put(10L, new TransactionFate.Committed(new Tso(15)));
    rig.write(Records.prewrite(10, new byte[] {7}), Records.fake(20));
    rig.sort();
    assertThat(rig.queries.get()).isZero();

    rig.settle();

    assertThat(rig.pulledTs(0)).containsExactly(15L, 20L);
    Binlog own = Records.parse(rig.pull(0).get(0));
    assertThat(own.hasPrewriteKey()).isFalse();
    assertThat(own.getPrewriteValue().toByteArray()).containsExactly(7);
    assertThat(rig.engine.stats().ownCommits()).isOne();
  }

  @Test
  @DisplayName("pump fact 14: an undecided Prewrite holds back what follows until it is decided")
  void danglingPrewrite_undecided_blocksUntilRolledBack() {
    rig.write(Records.prewrite(10, new byte[] {7}), Records.fake(20));
    rig.settle();
    assertThat(rig.pulledTs(0)).isEmpty();
    assertThat(rig.engine.maxCommitTs()).isEqualTo(Tso.ZERO);

    rig.fates.put(10L, new TransactionFate.RolledBack());
    rig.settle();

    assertThat(rig.pulledTs(0)).containsExactly(20L);
  }

  @Test
  @DisplayName("pump-protocol fact 14: two deliveries of one dropped column, states 1 then 0")
  void ddlRecords_pulled_keepQueryJobAndState() {
    rig.write(
        Records.prewriteDdl(10, "ALTER TABLE t DROP COLUMN c", 77, 1),
        Records.commit(10, 11),
        Records.prewriteDdl(20, "ALTER TABLE t DROP COLUMN c", 77, 0),
        Records.commit(20, 21));
    rig.sort();

    assertThat(rig.pull(0))
        .map(Records::parse)
        .extracting(Binlog::getDdlJobId, Binlog::getDdlSchemaState)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple(77L, 1),
            org.assertj.core.api.Assertions.tuple(77L, 0));
  }

  @Test
  @DisplayName("pump-protocol fact 15: a sequence's pseudo-DDL is stored and delivered")
  void sequencePseudoDdl_pulled_isThere() {
    rig.write(
        Records.prewriteDdl(10, "SELECT SETVAL(`d`.`s`, 1000);", 9, 5), Records.commit(10, 11));
    rig.sort();

    assertThat(Records.parse(rig.pull(0).get(0)).getDdlQuery().toStringUtf8())
        .isEqualTo("SELECT SETVAL(`d`.`s`, 1000);");
  }

  @Test
  @DisplayName("pump-protocol fact 17: an identical Commit sent again is delivered once")
  void commitSentAgain_pulled_isThereOnce() {
    rig.write(
        Records.prewrite(10, new byte[] {1}),
        Records.prewrite(10, new byte[] {1}),
        Records.commit(10, 12),
        Records.commit(10, 12));
    rig.sort();
    rig.write(Records.commit(10, 12), Records.prewrite(10, new byte[] {1}), Records.fake(14));
    rig.sort();

    assertThat(rig.pulledTs(0)).containsExactly(12L, 14L);
  }

  @Test
  void commitWithoutPrewrite_isSkippedCountedAndAdvances() {
    rig.write(Records.commit(10, 12));
    rig.sort();

    assertThat(rig.pulledTs(0)).isEmpty();
    assertThat(rig.engine.maxCommitTs()).isEqualTo(new Tso(12));
    assertThat(rig.engine.stats().skippedCommits()).isOne();
  }

  @Test
  @DisplayName("pump-protocol fact 1: a probe is answered and not stored")
  void probe_appended_isDurableAndNotStored() {
    Rig.Ack ack = rig.append(ByteBuffer.allocate(0));

    assertThat(ack.durable).isTrue();
    assertThat(rig.engine.writeGroup()).isFalse();
  }

  @Test
  @DisplayName("pump-protocol fact 3: garbage is refused and not stored")
  void garbage_appended_isRefused() {
    Rig.Ack ack = rig.append(ByteBuffer.wrap(new byte[] {1, 2, 3}));

    assertThat(ack.failure).isInstanceOf(InvalidRecordException.class);
    assertThat(rig.engine.writeGroup()).isFalse();
  }

  @Test
  @DisplayName("pump fact 16: an acknowledged record is there after kill -9")
  void acknowledgedRecord_afterKill_isThere() {
    rig.write(Records.prewrite(10, new byte[] {1}), Records.commit(10, 12));

    rig.reopenAfterKill();
    rig.sort();

    assertThat(rig.pulledTs(0)).containsExactly(12L);
  }

  @Test
  @DisplayName("pump fact 17: the first four bytes of a record are e8 56 3a 82")
  void record_inValueLog_beginsWithMagic() {
    rig.write(Records.fake(1000));

    ByteBuffer log =
        ByteBuffer.wrap(rig.disk.content("value/000000.vlog")).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(log.slice(0, 4))
        .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xe8, 0x56, 0x3a, (byte) 0x82}));
    assertThat(log.getLong(4)).isEqualTo(12);
    assertThat(log.slice(16, 12)).isEqualTo(Records.fake(1000));
  }

  @Test
  @DisplayName("pump-protocol fact 6: a fake binlog is delivered byte for byte")
  void fake_pulled_isUnchanged() {
    rig.write(Records.fake(1000));
    rig.sort();

    assertThat(rig.pull(0).get(0).payload()).isEqualTo(Records.fake(1000));
    assertThat(rig.pull(0).get(0).isFake()).isTrue();
  }

  @Test
  void unknownFieldsOfCommit_delivered_areKept() {
    Binlog commit =
        Records.binlog(BinlogType.Commit, 10, 12)
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(5).build())
                    .build())
            .build();
    rig.write(Records.prewrite(10, new byte[] {1}), Records.bytes(commit));
    rig.sort();

    assertThat(Records.parse(rig.pull(0).get(0)).getUnknownFields().hasField(99)).isTrue();
  }

  @Test
  void presentButEmptyValueAndKey_delivered_arePresentAndEmpty() {
    Binlog prewrite =
        Records.binlog(BinlogType.Prewrite, 10, 0).setPrewriteValue(ByteString.EMPTY).build();
    Binlog commit =
        Records.binlog(BinlogType.Commit, 10, 12).setPrewriteKey(ByteString.EMPTY).build();
    rig.write(Records.bytes(prewrite), Records.bytes(commit));
    rig.sort();

    Binlog delivered = Records.parse(rig.pull(0).get(0));
    assertThat(delivered.hasPrewriteValue()).isTrue();
    assertThat(delivered.hasPrewriteKey()).isTrue();
    assertThat(delivered.hasDdlQuery()).isFalse();
  }

  @Test
  void waitingRecord_thatIsLarge_isDescribedWithoutReadingIt() {
    Rig rig = new Rig();
    rig.write(Records.prewrite(10, new byte[5 << 20]));
    rig.sort();
    rig.disk.before =
        (operation, file) -> {
          if (operation == SimDisk.Operation.READ) {
            throw new java.io.IOException("not to be read");
          }
        };
    assertThat(rig.engine.dangling(20))
        .singleElement()
        .satisfies(waiting -> assertThat(waiting.state()).contains("not looked into"));
  }
}
