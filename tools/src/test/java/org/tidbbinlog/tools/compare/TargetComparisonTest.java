package org.tidbbinlog.tools.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.mariadb.MariaDb;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TargetComparisonTest {
  @TempDir static Path dir;
  private static MariaDb database;

  private static final String TYPES =
      """
      ## d.types\tid,f,d,f2,dec_,t,b,bits,j,e,dt,tm,y,g
      1\t3.1415927\t5e-324\t-999999.9\t1.50\ta\\tb\\n\\\\\\0c\t00FF\tFFFFFFFFFFFFFFFE\t{"a": 1e+300, "b": [1, 2]}\tx\t0000-00-00 00:00:00.000\t-838:59:59.000\t2018\t2
      2\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\t0\tNULL\tNULL\tNULL\tNULL\tNULL\t3
      """;
  private static final String KEYLESS =
      """
      ## d.keyless\ta
      1
      1
      NULL
      """;

  @BeforeAll
  static void start() {
    database = MariaDb.start(dir.resolve("db"));
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  @BeforeEach
  void fill() {
    database.execute(
        "SET SESSION sql_mode = ''",
        "DROP DATABASE IF EXISTS d",
        "CREATE DATABASE d",
        """
        CREATE TABLE d.types(id INT PRIMARY KEY, f FLOAT, d DOUBLE, f2 FLOAT(10,3), dec_ DECIMAL(5,2),
          t VARCHAR(50) CHARACTER SET utf8mb4, b BINARY(2), bits BIT(64), j JSON, e ENUM('x'),
          dt DATETIME(3), tm TIME(3), y YEAR, g INT AS (id + 1) STORED)
        """,
        "CREATE TABLE d.keyless(a INT)",
        "CREATE VIEW d.v AS SELECT 1",
        """
        INSERT INTO d.types(id, f, d, f2, dec_, t, b, bits, j, e, dt, tm, y) VALUES
          (1, 3.1415927, 5e-324, -999999.9, 1.5, 'a\\tb\\n\\\\\\0c', x'00ff',
           18446744073709551614, '{"b":[1,2.0], "a":1e300}', 'x', 0, '-838:59:59', 2018),
          (2, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL)
        """,
        "INSERT INTO d.keyless VALUES (1), (1), (NULL)");
  }

  @Test
  void target_withTheSameValues_isEqual() throws SQLException {
    ComparisonReport report = compare(TYPES + KEYLESS);
    assertThat(report.differences()).isEmpty();
    assertThat(report.isEqual()).isTrue();
    assertThat(report.tables()).isEqualTo(2);
    assertThat(report.rows()).isEqualTo(5);
  }

  @Test
  void changedCell_isReportedByKeyAndColumn() throws SQLException {
    database.execute("UPDATE d.types SET dec_ = 1.51, b = x'0100' WHERE id = 1");
    assertThat(compare(TYPES + KEYLESS).differences())
        .containsExactly(
            "d.types: row id=1, column dec_: expected 1.50, found 1.51",
            "d.types: row id=1, column b: expected 00FF, found 0100");
  }

  @Test
  void duplicateOfKeylessRow_isReported() throws SQLException {
    database.execute(
        "DELETE FROM d.keyless WHERE a = 1 LIMIT 1", "INSERT INTO d.keyless VALUES(2)");
    assertThat(compare(TYPES + KEYLESS).differences())
        .containsExactly(
            "d.keyless: row should not be there: a=2", "d.keyless: row is missing: a=1");
  }

  @Test
  void tables_areComparedBothWays() throws SQLException {
    database.execute("CREATE TABLE d.extra(a INT)", "DROP TABLE d.keyless");
    assertThat(compare(TYPES + KEYLESS).differences())
        .containsExactly(
            "d.keyless: table is missing (3 rows)", "d.extra: table should not be there");
  }

  @Test
  void longRow_isComparedByDigest() throws SQLException {
    String digest = "66ea1478afe24c8b7f5056e3a3737bdf6e8ff5772bcb88e9603af1f96b145b36";
    String truth = "## d.wide\tid,v\nsha256:" + digest + " len:1000006\n" + TYPES + KEYLESS;
    database.execute(
        "CREATE TABLE d.wide(id INT PRIMARY KEY, v LONGTEXT)",
        "INSERT INTO d.wide VALUES(1, concat(repeat('0123456789', 100000), 'tail'))");
    assertThat(compare(truth).differences()).isEmpty();
    database.execute("UPDATE d.wide SET v = concat(v, 'x')");
    assertThat(compare(truth).differences()).hasSize(2);
  }

  private static ComparisonReport compare(String truth) throws SQLException {
    try (Connection connection = database.connect()) {
      return new TargetComparison(connection, TargetComparison.Scope.WHOLE_TARGET)
          .compare(FinalTsv.parse(truth, "test"));
    }
  }
}
