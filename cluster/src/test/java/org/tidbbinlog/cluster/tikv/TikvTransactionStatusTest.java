package org.tidbbinlog.cluster.tikv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.testkit.pd.Answering;
import org.tidbbinlog.testkit.tikv.RegionFault;
import org.tidbbinlog.testkit.tikv.TikvCall;

@Timeout(60)
class TikvTransactionStatusTest {
  private static final byte[] KEY = "t-row-7".getBytes(StandardCharsets.UTF_8);
  private static final TransactionFate ROLLED_BACK = new TransactionFate.RolledBack();

  private final TikvFixture on = new TikvFixture();
  private final TikvTransactionStatus status = new TikvTransactionStatus(on.client());

  TikvTransactionStatusTest() throws InterruptedException {}

  @AfterEach
  void close() {
    on.close();
  }

  private static Tso later(Tso ts, Duration by) {
    return Tso.of(ts.physicalMs() + by.toMillis(), 0);
  }

  @Test
  @DisplayName("tikv-access fact 9: a committed transaction gives its commit timestamp")
  void fateOf_committed_isItsCommit() throws Exception {
    Tso start = on.now();
    Tso commit = on.now();
    on.tikv().commitTransaction(start, commit, KEY);
    assertThat(status.fateOf(start, KEY, on.now()))
        .isEqualTo(new TransactionFate.Committed(commit));
    assertThat(on.tikv().calls(TikvCall.CHECK_TXN_STATUS)).isZero();
  }

  @Test
  @DisplayName("tikv-access fact 9: a rolled back transaction is dropped")
  void fateOf_rolledBack_isRolledBack() throws Exception {
    Tso start = on.now();
    on.tikv().rollbackTransaction(start, KEY);
    assertThat(status.fateOf(start, KEY, on.now())).isEqualTo(ROLLED_BACK);
    assertThat(on.tikv().calls(TikvCall.CHECK_TXN_STATUS)).isZero();
  }

  @Test
  @DisplayName("tikv-access fact 9: a live transaction is asked for again, young or old")
  void fateOf_live_isUndecided() throws Exception {
    Tso start = on.now();
    on.tikv().lockTransaction(start, KEY, Duration.ofHours(1));
    assertThat(status.fateOf(start, KEY, on.now())).isInstanceOf(TransactionFate.Undecided.class);
    assertThat(on.tikv().calls(TikvCall.CHECK_TXN_STATUS)).isZero();
    Tso old = later(start, Duration.ofMinutes(11));
    assertThat(status.fateOf(start, KEY, old)).isInstanceOf(TransactionFate.Undecided.class);
    Tso ancient = later(start, Duration.ofHours(2));
    assertThat(status.fateOf(start, KEY, ancient)).isEqualTo(ROLLED_BACK);
  }

  @Test
  @DisplayName("tikv-access fact 9: a never prewritten one is undecided, after 600 s rolled back")
  void fateOf_neverPrewritten_isRolledBackOnlyAfterTenMinutes() throws Exception {
    Tso start = on.now();
    Tso young = later(start, Duration.ofMinutes(10));
    assertThat(status.fateOf(start, KEY, young)).isInstanceOf(TransactionFate.Undecided.class);
    assertThat(on.tikv().calls(TikvCall.CHECK_TXN_STATUS)).isZero();
    Tso old = later(start, Duration.ofSeconds(601));
    assertThat(status.fateOf(start, KEY, old)).isEqualTo(ROLLED_BACK);
    assertThat(on.tikv().calls(TikvCall.CHECK_TXN_STATUS)).isEqualTo(1);
    assertThat(status.fateOf(start, KEY, young)).as("planted rollback").isEqualTo(ROLLED_BACK);
  }

  @Test
  void fateOf_committedLater_butOldAndUnknownToMvcc_isAskedOfTikv() throws Exception {
    Tso start = on.now();
    Tso commit = on.now();
    on.tikv().lockTransaction(start, KEY, Duration.ofMillis(1));
    on.tikv().commitTransaction(start, commit, KEY);
    assertThat(status.fateOf(start, KEY, later(start, Duration.ofHours(1))))
        .isEqualTo(new TransactionFate.Committed(commit));
  }

  @Test
  void fateOf_overlappedRollbackInAnothersCommit_saysNothingUntilTikvDecides() throws Exception {
    Tso other = on.now();
    Tso ours = on.now();
    on.tikv().commitTransaction(other, ours, KEY);
    on.tikv().rollbackTransaction(ours, KEY);
    assertThat(status.fateOf(other, KEY, on.now())).isEqualTo(new TransactionFate.Committed(ours));
    assertThat(status.fateOf(ours, KEY, on.now())).isInstanceOf(TransactionFate.Undecided.class);
    assertThat(status.fateOf(ours, KEY, later(ours, Duration.ofMinutes(11))))
        .isEqualTo(ROLLED_BACK);
    assertThat(status.fateOf(other, KEY, on.now())).isEqualTo(new TransactionFate.Committed(ours));
  }

  @ParameterizedTest
  @EnumSource(RegionFault.class)
  void fateOf_regionErrors_areRetried(RegionFault fault) throws Exception {
    Tso start = on.now();
    Tso commit = on.now();
    on.tikv().commitTransaction(start, commit, KEY);
    on.tikv().failNext(fault, 3);
    assertThat(status.fateOf(start, KEY, on.now()))
        .isEqualTo(new TransactionFate.Committed(commit));
    assertThat(on.tikv().calls(TikvCall.MVCC_GET_BY_KEY)).isEqualTo(4);
  }

  @Test
  void fateOf_regionSplitAndLeaderMoved_isFound() throws Exception {
    Tso start = on.now();
    Tso commit = on.now();
    on.tikv().commitTransaction(start, commit, KEY);
    TransactionFate expected = new TransactionFate.Committed(commit);
    assertThat(status.fateOf(start, KEY, on.now())).isEqualTo(expected);
    on.tikv().splitAt("t-row-5".getBytes(StandardCharsets.UTF_8));
    assertThat(status.fateOf(start, KEY, on.now())).isEqualTo(expected);
    on.tikv().moveLeader(KEY, 2);
    assertThat(status.fateOf(start, KEY, on.now())).isEqualTo(expected);
    on.tikv().splitAt("t-row-9".getBytes(StandardCharsets.UTF_8));
    on.tikv().moveLeader(KEY, 1);
    assertThat(status.fateOf(start, KEY, on.now())).isEqualTo(expected);
  }

  @Test
  void double_oldTransactions_areForgotten() throws Exception {
    for (int i = 0; i < 50; i++) {
      byte[] key = ("k" + i).getBytes(StandardCharsets.UTF_8);
      Tso start = on.now();
      on.tikv().lockTransaction(start, key, Duration.ofSeconds(20));
      if (i % 2 == 0) {
        on.tikv().commitTransaction(start, on.now(), key);
      } else {
        on.tikv().rollbackTransaction(start, key);
      }
    }
    assertThat(on.tikv().keyCount()).isEqualTo(50);
    on.tikv().collectGarbage(on.now());
    assertThat(on.tikv().keyCount()).isZero();
  }

  @Test
  void fateOf_tikvAway_isRetryable() throws Exception {
    Tso start = on.now();
    on.tikv().answer(Answering.REFUSING);
    assertThatThrownBy(() -> status.fateOf(start, KEY, on.now()))
        .isInstanceOf(RetryableException.class);
    on.tikv().answer(Answering.NORMALLY);
    assertThat(status.fateOf(start, KEY, on.now())).isInstanceOf(TransactionFate.Undecided.class);
  }
}
