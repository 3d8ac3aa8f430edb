package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;

/** Rows that the target will never take: who has to do what, in the stop's one line. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RefusedRowTest {
  private final TargetServer server = TargetKind.MARIADB.server();
  private final String db = "refused" + TargetServer.unique();

  @BeforeEach
  void makeDatabase() {
    server.execute("create database " + db);
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  private Throwable failureOf(MysqlTargetSettings settings, SinkItem item) throws Exception {
    Acks acks = new Acks();
    MysqlSink sink =
        TargetServer.open(settings, TargetServer.unique(), ResumeFrom.initial(new Tso(1)), acks);
    try (sink) {
      sink.submit(item);
      Awaitility.await().until(() -> acks.failure.get() != null);
    }
    assertThat(acks.last()).as("nothing is acknowledged").isEqualTo(Tso.ZERO);
    return Objects.requireNonNull(acks.failure.get());
  }

  private SinkItem.Transaction row(@Nullable Object value) {
    TableVersion t = table(db, "t", "id", "v");
    return transaction(4711, insert(t, 1, value == null ? ColumnValue.Null.NULL : value));
  }

  /** The server itself says it: a trigger passes the number on as if our statement were wrong. */
  private void answerWith(int code) {
    server.execute(
        "create table " + db + ".t(id int primary key, v text)",
        "create table " + db + ".tries(n int) engine=aria",
        "create trigger "
            + db
            + ".wrong before insert on "
            + db
            + ".t for each row begin insert into "
            + db
            + ".tries values(1); signal sqlstate '42000' set mysql_errno="
            + code
            + ", message_text='You have an error in your SQL syntax'; end");
  }

  @ParameterizedTest
  @ValueSource(ints = {1064, 1136, 1210, 1327, 1835})
  void statementThatIsWrongByItself_isTheDrainersFault_andNobodyIsToldToDropData(int code)
      throws Exception {
    answerWith(code);
    Throwable failure = failureOf(server.settings(), row("money"));
    assertThat(failure)
        .isNotInstanceOf(OperatorException.class)
        .hasMessageContaining("INSERT on `" + db + "`.`t` at commit ts 4711: " + code)
        .hasMessageContaining("a fault of the Drainer")
        .hasMessageContaining("nothing of this row is applied")
        .hasMessageContaining("keep the log")
        .hasMessageContaining("; statement: ")
        .hasMessageContaining("money")
        .hasMessageNotContaining("ignore-")
        .hasMessageNotContaining("\n");
    assertThat(server.rows("select count(*) from " + db + ".tries"))
        .as("once with its batch, once alone")
        .containsExactly("2");
    assertThat(server.rows("select * from " + db + ".t")).isEmpty();
  }

  @Test
  void wholeTransactionThatIsWrongByItself_namesItsTables() throws Exception {
    answerWith(1064);
    server.execute("create table " + db + ".other(id int primary key, v text)");
    TableVersion other = table(db, "other", "id", "v");
    RowChange first = insert(other, 7, "x");
    SinkItem.Transaction both =
        transaction(4711, first, insert(table(db, "t", "id", "v"), 1, "money"));
    MysqlTargetSettings whole =
        server
            .settings()
            .withDispatch(
                MysqlTargetSettings.Dispatch.TRANSACTIONS, MysqlTargetSettings.Detection.ON);
    assertThat(failureOf(whole, both))
        .isNotInstanceOf(OperatorException.class)
        .hasMessageContaining("transaction on `" + db + "`.`other`, `" + db + "`.`t` at commit ts")
        .hasMessageContaining("nothing of this transaction is applied");
    assertThat(server.rows("select * from " + db + ".other")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1048 | v int not null                                     |            | be NULL at the target
          1364 | v int, extra int not null                          | 1          | have a default at the target
          1406 | v varchar(3)                                       | abcdef     | widen the column at the target to upstream's length
          1264 | v tinyint                                          | 300        | to upstream's type and sign
          1366 | v int                                              | abc        | type and character set
          1292 | v datetime                                         | 2020-99-01 | upstream's type at the target
          1265 | v enum('a','b')                                    | z          | all of its members
          1526 | v int) partition by list(id)(partition p values in (9) | 1      | add a partition
          1644 | v int                                              | -1         | drop the trigger
          """)
  void rowThatTheTablesColumnDoesNotTake_namesTheWayOutThatFitsIt(
      int code, String columns, @Nullable String value, String way) throws Exception {
    int options = columns.indexOf(") partition");
    String inside = options < 0 ? columns : columns.substring(0, options);
    String after = options < 0 ? ")" : columns.substring(options) + ")";
    server.execute("create table " + db + ".t(id int, " + inside + ", primary key(id)" + after);
    if (code == 1644) {
      server.execute(
          "create trigger "
              + db
              + ".no before insert on "
              + db
              + ".t for each row signal sqlstate '45000' set message_text='not today'");
    }
    Throwable failure = failureOf(server.settings(), row(value));
    assertThat(failure)
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("INSERT on `" + db + "`.`t` at commit ts 4711: " + code)
        .hasMessageContaining(way)
        .hasMessageContaining("nothing is lost")
        .hasMessageNotContaining("ignore-")
        .hasMessageNotContaining("\n");
  }
}
