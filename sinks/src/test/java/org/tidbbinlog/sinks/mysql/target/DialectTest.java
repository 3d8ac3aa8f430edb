package org.tidbbinlog.sinks.mysql.target;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {
  @ParameterizedTest
  @CsvSource({
    "8.0.15, MYSQL, 8, 0, 15",
    "5.7.44-log, MYSQL, 5, 7, 44",
    "8.0.36-0ubuntu0.22.04.1, MYSQL, 8, 0, 36",
    "9.1, MYSQL, 9, 1, 0",
    "11.4.5-MariaDB-ubu2404, MARIADB, 11, 4, 5",
    "5.5.5-10.3.39-MariaDB, MARIADB, 10, 3, 39",
    "8.0.11-TiDB-v7.5.1, TIDB, 7, 5, 1",
    "5.7.25-TiDB-v6.5.0-alpha-12-gab, TIDB, 6, 5, 0",
    "5.7.25-TiDB-None, TIDB, 0, 0, 0",
    "none, MYSQL, 0, 0, 0",
  })
  void version_isRead(String text, Dialect.Family family, int major, int minor, int patch) {
    assertThat(Dialect.of(text)).isEqualTo(new Dialect(family, major, minor, patch, text));
  }

  @ParameterizedTest
  @CsvSource({
    "8.0.15, true",
    "8.0.4-rc, true",
    "5.7.44, true",
    "8.0.16, false",
    "8.4.3, false",
    "9.1.0, false",
    "8.0.11-TiDB-v7.5.0, false",
    "5.7.25-TiDB-None, false",
    "5.5.5-10.3.39-MariaDB, false",
  })
  void isMySqlBefore_isOfMySqlAlone(String version, boolean before) {
    assertThat(Dialect.of(version).isMySqlBefore(8, 0, 16)).isEqualTo(before);
  }
}
