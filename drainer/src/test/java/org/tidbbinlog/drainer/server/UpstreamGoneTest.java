package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;

class UpstreamGoneTest {
  private final List<String> done = new ArrayList<>();

  @Test
  void upstreamThatAnswers_isAllThatIsAsked() throws Exception {
    assertThat(UpstreamGone.orElse(() -> "cluster", () -> done.add("finished")))
        .isEqualTo("cluster");
    assertThat(done).isEmpty();
  }

  @Test
  void upstreamThatIsAway_failsTheStartAfterTheTargetWasFinished() {
    assertThatThrownBy(
            () -> UpstreamGone.orElse(UpstreamGoneTest::away, () -> done.add("finished")))
        .isInstanceOf(RetryableException.class)
        .hasMessage("no PD");
    assertThat(done).containsExactly("finished");
  }

  @Test
  void targetThatCannotBeFinished_doesNotHideWhyTheStartFailed() {
    assertThatThrownBy(
            () ->
                UpstreamGone.orElse(
                    UpstreamGoneTest::away,
                    () -> {
                      throw new OperatorException("target away");
                    }))
        .hasMessage("no PD");
  }

  @Test
  void wrongConfiguration_isNoReasonToTouchTheTarget() {
    assertThatThrownBy(
            () ->
                UpstreamGone.orElse(
                    () -> {
                      throw new OperatorException("bad address");
                    },
                    () -> done.add("finished")))
        .hasMessage("bad address");
    assertThat(done).isEmpty();
  }

  private static String away() {
    throw new RetryableException("no PD", new IllegalStateException());
  }
}
