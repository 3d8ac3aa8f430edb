package org.tidbbinlog.tools.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.schema.ColumnDraft;
import org.tidbbinlog.testkit.schema.TableDraft;
import org.tidbbinlog.testkit.workload.TruthStructure;

/** Every part of a definition that a target lacks, or has otherwise, is named. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class StructureComparisonTest {
  private static final int NOT_NULL = 1;

  @TempDir static Path dir;
  private static MariaDb database;

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
        "DROP DATABASE IF EXISTS s",
        "CREATE DATABASE s CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        """
        CREATE TABLE s.T(
          id BIGINT PRIMARY KEY,
          n INT UNSIGNED NOT NULL DEFAULT 42,
          v VARCHAR(40) COLLATE utf8mb4_general_ci DEFAULT 'it''s',
          d DECIMAL(20,6) DEFAULT 1.5,
          j JSON,
          e ENUM('x','it''s Y'),
          t DATETIME(3),
          g BIGINT AS (`n` + 1) VIRTUAL,
          UNIQUE u1(v(4), n), KEY i1(n, d))
          COMMENT = 'it''s'
        """,
        """
        CREATE TABLE s.p(r INT NOT NULL) PARTITION BY RANGE (r)
          (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))
        """,
        "CREATE VIEW s.w AS SELECT id FROM s.T");
  }

  @Test
  void target_thatDefinesTheSame_isEqual() throws SQLException {
    assertThat(differences()).isEmpty();
  }

  @Test
  void indexes_areComparedWhole() throws SQLException {
    database.execute("ALTER TABLE s.T DROP INDEX i1, DROP INDEX u1, ADD INDEX u1(v(5), n)");
    assertThat(differences())
        .containsExactly(
            "s.t: index i1 is missing: (n, d)",
            "s.t: index u1: expected unique (v(4), n), found (v(5), n)");
    database.execute("ALTER TABLE s.T DROP PRIMARY KEY, ADD INDEX i1(d, n), ADD KEY more(e)");
    assertThat(differences())
        .containsExactly(
            "s.t: index i1: expected (n, d), found (d, n)",
            "s.t: index more should not be there: (e)",
            "s.t: index primary is missing: unique (id)",
            "s.t: index u1: expected unique (v(4), n), found (v(5), n)");
  }

  @Test
  void columns_areComparedByAllThatTheyAre() throws SQLException {
    database.execute(
        "ALTER TABLE s.T MODIFY n INT UNSIGNED DEFAULT 42, ALTER v SET DEFAULT 'its',"
            + " MODIFY t DATETIME, ALTER d DROP DEFAULT, MODIFY e ENUM('x','it''s y'),"
            + " MODIFY j LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,"
            + " DROP COLUMN g, ADD COLUMN g BIGINT AS (`n` + 2) STORED AFTER id");
    assertThat(differences())
        .containsExactly(
            "s.t: column d: expected decimal(20,6) default '1.5', found decimal(20,6)",
            "s.t: column e: expected enum('x','it''s Y') utf8mb4_bin,"
                + " found enum('x','it''s y') utf8mb4_bin",
            "s.t: column g: expected bigint generated virtual n+1,"
                + " found bigint generated stored n+2",
            "s.t: column j: expected json, found longtext utf8mb4_bin",
            "s.t: column n: expected int unsigned not null default '42',"
                + " found int unsigned default '42'",
            "s.t: column t: expected datetime(3), found datetime",
            "s.t: column v: expected varchar(40) utf8mb4_general_ci default 'it's',"
                + " found varchar(40) utf8mb4_general_ci default 'its'",
            "s.t: order of columns: expected id, n, v, d, j, e, t, g,"
                + " found id, g, n, v, d, j, e, t");
    database.execute(
        "ALTER TABLE s.T MODIFY v VARCHAR(40) COLLATE utf8mb4_unicode_ci DEFAULT 'it''s'");
    assertThat(differences())
        .contains(
            "s.t: column v: expected varchar(40) utf8mb4_general_ci default 'it's',"
                + " found varchar(40) utf8mb4_unicode_ci default 'it's'");
  }

  @Test
  void partitions_comments_viewsAndNames_areCompared() throws SQLException {
    database.execute(
        "ALTER TABLE s.p DROP PARTITION p1",
        "ALTER TABLE s.T COMMENT = ''",
        "DROP VIEW s.w",
        "CREATE SEQUENCE s.q",
        "CREATE TABLE s.more(a INT)");
    assertThat(differences())
        .containsExactly(
            "s.more: table should not be there",
            "s.p: partitions: expected p0, p1, found p0",
            "s.q: sequence should not be there",
            "s.t: comment: expected 'it's', found ''",
            "s.w: view is missing");
    database.execute("CREATE TABLE s.w(a INT)");
    assertThat(differences()).contains("s.w: expected a view, found a table");
  }

  private static List<String> differences() throws SQLException {
    try (Connection connection = database.connect()) {
      return new StructureComparison(connection)
          .differences(
              List.of(
                  new TruthStructure("s", table()),
                  new TruthStructure("s", partitioned()),
                  new TruthStructure("s", view())),
              List.of("s"));
    }
  }

  private static TableInfo table() {
    List<ColumnInfo> columns =
        List.of(
            column(1, "id", type(MysqlType.LONGLONG, 3, 20, 0)).done(),
            column(2, "n", type(MysqlType.LONG, NOT_NULL | 1 << 5, 10, 0))
                .defaultValue(TextNode.valueOf("42"))
                .done(),
            column(3, "v", text(MysqlType.VARCHAR, 40, "utf8mb4_general_ci"))
                .defaultValue(TextNode.valueOf("it's"))
                .done(),
            column(4, "d", type(MysqlType.NEWDECIMAL, 0, 20, 6))
                .defaultValue(TextNode.valueOf("1.500000"))
                .done(),
            column(5, "j", type(MysqlType.JSON, 1 << 7, -1, -1)).done(),
            column(6, "e", text(MysqlType.ENUM, -1, "utf8mb4_bin")).done(),
            column(7, "t", type(MysqlType.DATETIME, 1 << 7, 23, 3)).done(),
            column(8, "g", type(MysqlType.LONGLONG, 0, 20, 0)).generated("`n`+1").done());
    return TableDraft.plain(1, "T", columns)
        .indexes(
            List.of(
                index(1, "u1", true, part("v", 2, 4), part("n", 1, IndexInfo.WHOLE_COLUMN)),
                index(
                    2,
                    "i1",
                    false,
                    part("n", 1, IndexInfo.WHOLE_COLUMN),
                    part("d", 3, IndexInfo.WHOLE_COLUMN))))
        .pkIsHandle(true)
        .comment("it's")
        .done();
  }

  private static TableInfo partitioned() {
    return TableDraft.plain(
            2, "p", List.of(column(1, "r", type(MysqlType.LONG, NOT_NULL, 11, 0)).done()))
        .partition(
            new PartitionInfo(
                true,
                1,
                "`r`",
                List.of(
                    new PartitionInfo.Definition(3, CiName.of("p0")),
                    new PartitionInfo.Definition(4, CiName.of("p1"))),
                0))
        .done();
  }

  private static TableInfo view() {
    TableInfo plain = TableDraft.plain(5, "w", List.of()).done();
    return new TableInfo(
        plain.id(),
        plain.name(),
        TableInfo.Kind.VIEW,
        plain.temporary(),
        plain.charset(),
        plain.collate(),
        List.of(),
        List.of(),
        SchemaState.PUBLIC,
        false,
        false,
        PartitionInfo.NONE,
        "");
  }

  private static ColumnDraft column(int id, String name, FieldType type) {
    return ColumnDraft.plain(id, name, type).at(id - 1);
  }

  private static FieldType type(int tp, long flags, int flen, int decimal) {
    return new FieldType(tp, flags, flen, decimal, "binary", "binary", List.of(), false);
  }

  private static FieldType text(int tp, int flen, String collate) {
    List<String> members = tp == MysqlType.ENUM ? List.of("x", "it's Y") : List.of();
    return new FieldType(tp, 0, flen, -1, "utf8mb4", collate, members, false);
  }

  private static IndexInfo index(
      long id, String name, boolean unique, IndexInfo.IndexColumn... parts) {
    return new IndexInfo(id, CiName.of(name), List.of(parts), SchemaState.PUBLIC, unique, false);
  }

  private static IndexInfo.IndexColumn part(String name, int place, int prefix) {
    return new IndexInfo.IndexColumn(CiName.of(name), place, prefix);
  }
}
