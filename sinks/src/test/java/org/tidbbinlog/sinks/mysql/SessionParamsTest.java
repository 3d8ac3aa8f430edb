package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SessionParamsTest {
  private final TargetServer server = TargetKind.MARIADB.server();

  @Test
  void variables_areSetOnEveryConnection() throws Exception {
    TargetConnector connector =
        TargetConnector.probe(
            with(Map.of("innodb_lock_wait_timeout", "17", "time_zone", "+08:00")));
    for (SqlSession session : new SqlSession[] {connector.open(), connector.openForDdl()}) {
      try (session) {
        assertThat(session.query("select @@innodb_lock_wait_timeout, @@session.time_zone").get(0))
            .containsExactly("17", "+00:00");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "no_such_variable, is refused by the target",
    "time_zone, is refused by the target",
    "sql_mode, syncer.sql-mode",
    "readTimeout, syncer.to.read-timeout",
    "tls, [syncer.to.security]",
    "autocommit, leave it out",
    "charset, word of Go's driver",
    "parseTime, word of Go's driver",
  })
  void whatIsNoVariableOfTheUsers_isRefusedByName(String name, String way) {
    assertThatThrownBy(() -> TargetConnector.probe(with(Map.of(name, "1"))))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("syncer.to.params: " + name)
        .hasMessageContaining(way);
  }

  private MysqlTargetSettings with(Map<String, String> params) {
    return server
        .settings()
        .withSession(new MysqlTargetSettings.Session("", params, Duration.ofMinutes(1)));
  }
}
