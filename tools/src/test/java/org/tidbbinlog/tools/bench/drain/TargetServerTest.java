package org.tidbbinlog.tools.bench.drain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.tools.compare.TargetAddress;

/** A server of somebody's is used when it is empty, and is empty again afterwards. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TargetServerTest {
  private static final String TEST_DATABASE =
      "select concat(schema_name,' ',default_collation_name) from information_schema.schemata"
          + " where schema_name='test'";

  @TempDir private static Path dir;
  private static MariaDb server;

  @BeforeAll
  static void start() {
    server = MariaDb.start(dir.resolve("data"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void dropTest() {
    server.execute("drop database if exists test");
  }

  private static TargetServer open() {
    TargetAddress at = new TargetAddress("root", "", "127.0.0.1", server.port());
    return TargetServer.open(dir.resolve("unused"), Optional.of(at), 0);
  }

  @Test
  void databasesMadeMeanwhile_areDroppedAtEachRenewal_andAtTheEnd() {
    server.execute("drop database if exists test");
    TargetServer target = open();
    try (target) {
      assertThat(target.databases()).isEmpty();
      target.execute("create database bench");
      target.execute("create table bench.t(id int primary key)");
      target.renew();
      assertThat(target.databases()).isEmpty();
      target.execute("create database `weird ``name`");
      target.execute("create database test");
    }
    assertThat(target.databases()).isEmpty();
  }

  @Test
  void emptyDatabaseTest_whichSomeServersComeWith_isEmptyAgainAfterwards() {
    server.execute("create or replace database test collate utf8mb4_bin");
    TargetServer target = open();
    try (target) {
      target.execute("create table test.t(id int primary key)");
      target.execute("alter database test collate utf8mb4_general_ci");
      target.renew();
      requireEmptyTest(target);
      target.execute("create table test.t(id int primary key)");
    }
    requireEmptyTest(target);
  }

  private static void requireEmptyTest(TargetServer target) {
    assertThat(target.query(TEST_DATABASE)).containsExactly("test utf8mb4_bin");
    assertThat(target.query("show tables from test")).isEmpty();
  }

  @Test
  void databaseTestWithATable_isRefusedLikeAnyOther() {
    for (String name : List.of("test", "mine")) {
      server.execute(
          "create or replace database " + name,
          "create table " + name + ".t(id int primary key)",
          "insert into " + name + ".t values(1)");
      assertThatThrownBy(TargetServerTest::open)
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("holds [" + name + "]")
          .hasMessageContaining("give an empty server");
      server.execute("delete from " + name + ".t where id=1", "drop database " + name);
    }
  }
}
