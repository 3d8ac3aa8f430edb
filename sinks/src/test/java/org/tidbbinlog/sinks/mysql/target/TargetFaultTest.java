package org.tidbbinlog.sinks.mysql.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TargetFaultTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1114 | HY000 | The table 't' is full                                             | FULL
          1021 | HY000 | Disk full (/tmp); waiting for someone to free some space          | FULL
          1026 | HY000 | Error writing file './binlog.000001' (Errcode: 28)                | FULL
          3    | HY000 | Error writing file '/tmp/MYfd' (Errcode: 28)                      | FULL
          1030 | HY000 | Got error 28 "No space left on device" from storage engine InnoDB | FULL
          1005 | HY000 | Can't create table `d`.`t` (errno: 28 "No space left on device")  | FULL
          1005 | HY000 | Can't create table `d`.`t` (errno: 150 "Foreign key")             | OTHER
          1366 | 22007 | Incorrect integer value: 'no space left on device' for column     | OTHER
          1406 | 22001 | Data too long for column 'v' at row 1                             | OTHER
          1105 | HY000 | context canceled                                                  | CONNECTION
          1105 | HY000 | rpc error: code = Unavailable desc = connection error             | CONNECTION
          1105 | HY000 | Out Of Memory Quota![conn=21]                                     | OTHER
          1105 | HY000 | write: no space left on device                                    | FULL
          8027 | HY000 | Information schema is out of date                                 | CONTENTION
          1062 | 23000 | Duplicate entry '1' for key 'PRIMARY'                             | DUPLICATE_KEY
          1586 | 23000 | Duplicate entry '1' for key 'u'                                   | DUPLICATE_KEY
          1205 | HY000 | Lock wait timeout exceeded; try restarting transaction            | CONTENTION
          1213 | 40001 | Deadlock found when trying to get lock; try restarting            | CONTENTION
          1020 | HY000 | Record has changed since last read in table 't'                   | CONTENTION
          8002 | HY000 | [0] can not retry select for update statement                     | CONTENTION
          8005 | HY000 | Write conflict, txnStartTS 1 is stale                             | CONTENTION
          8022 | HY000 | Error: KV error safe to retry                                     | CONTENTION
          8028 | HY000 | Information schema is changed during the execution                | CONTENTION
          9001 | HY000 | PD server timeout                                                 | CONTENTION
          9002 | HY000 | TiKV server timeout                                               | CONTENTION
          9003 | HY000 | TiKV server is busy                                               | CONTENTION
          9004 | HY000 | Resolve lock timeout                                              | CONTENTION
          9005 | HY000 | Region is unavailable                                             | CONTENTION
          9006 | HY000 | GC life time is shorter than transaction duration                 | CONTENTION
          9007 | HY000 | Write conflict, txnStartTS=1, conflictStartTS=2                   | CONTENTION
          9008 | HY000 | Store token is up to the limit                                    | CONTENTION
          9010 | HY000 | TiKV server reports stale command                                 | CONTENTION
          9011 | HY000 | TiKV max timestamp is not synced                                  | CONTENTION
          1146 | 42S02 | Table 'd.t' doesn't exist                                         | STRUCTURE
          1049 | 42000 | Unknown database 'd'                                              | STRUCTURE
          1054 | 42S22 | Unknown column 'c' in 'field list'                                | STRUCTURE
          1290 | HY000 | The server is running with the --read-only option                 | READ_ONLY
          1792 | 25006 | Cannot execute statement in a READ ONLY transaction               | READ_ONLY
          1836 | HY000 | Running in read-only mode                                         | READ_ONLY
          1045 | 28000 | Access denied for user 'u'@'h' (using password: YES)              | ACCESS
          1044 | 42000 | Access denied for user 'u'@'h' to database 'd'                    | ACCESS
          1142 | 42000 | INSERT command denied to user 'u'@'h' for table 't'               | ACCESS
          1040 | 08004 | Too many connections                                              | CONNECTION
          1203 | 42000 | User u already has more than 'max_user_connections' active        | CONNECTION
          1047 | 08S01 | WSREP has not yet prepared node for application use               | CONNECTION
          1053 | 08S01 | Server shutdown in progress                                       | CONNECTION
          1156 | 08S01 | Got packets out of order                                          | CONNECTION
          1157 | 08S01 | Couldn't uncompress communication packet                          | CONNECTION
          1158 | 08S01 | Got an error reading communication packets                        | CONNECTION
          1159 | 08S01 | Got timeout reading communication packets                         | CONNECTION
          1160 | 08S01 | Got an error writing communication packets                        | CONNECTION
          1161 | 08S01 | Got timeout writing communication packets                         | CONNECTION
          1317 | 70100 | Query execution was interrupted                                   | CONNECTION
          1927 | 70100 | Connection was killed                                             | CONNECTION
          1969 | 70100 | Query execution was interrupted (max_statement_time exceeded)     | CONNECTION
          2006 | HY000 | MySQL server has gone away                                        | CONNECTION
          2013 | HY000 | Lost connection to MySQL server during query                      | CONNECTION
          3024 | HY000 | Query execution was interrupted, maximum statement time exceeded  | CONNECTION
          0    | 08000 | Socket error                                                      | CONNECTION
          1153 | 08S01 | Got a packet bigger than 'max_allowed_packet' bytes               | PACKET_TOO_LARGE
          1048 | 23000 | Column 'v' cannot be null                                         | NULL_IN_NOT_NULL
          1364 | HY000 | Field 'v' doesn't have a default value                            | OTHER
          1264 | 22003 | Out of range value for column 'v' at row 1                        | OTHER
          1292 | 22007 | Incorrect datetime value: 'x' for column 'v'                      | OTHER
          1265 | 01000 | Data truncated for column 'v' at row 1                            | OTHER
          8004 | HY000 | Transaction is too large, size: 104857600                         | OTHER
          1064 | 42000 | You have an error in your SQL syntax near 'x' at line 1           | BUG
          1065 | 42000 | Query was empty                                                   | BUG
          1149 | 42000 | You have an error in your SQL syntax                              | BUG
          1058 | 21S01 | Column count doesn't match value count                            | BUG
          1136 | 21S01 | Column count doesn't match value count at row 1                   | BUG
          1241 | 21000 | Operand should contain 1 column(s)                                | BUG
          1110 | 42000 | Column 'v' specified twice                                        | BUG
          1210 | HY000 | Incorrect arguments to EXECUTE                                    | BUG
          1243 | HY000 | Unknown prepared statement handler (1) given to EXECUTE           | BUG
          1327 | 42000 | Undeclared variable: v                                            | BUG
          1835 | HY000 | Malformed communication packet.                                   | BUG
          """)
  void errors_areToldApartByNumberAndText(int code, String state, String text, TargetFault fault) {
    assertThat(TargetFault.of(new SQLException(text, state, code))).isEqualTo(fault);
  }

  @ParameterizedTest
  @EnumSource
  void onlyWhatPassesByItself_isTriedAgain_andWhatDoesNotLast_hasAWayOut(TargetFault fault) {
    boolean passes =
        switch (fault) {
          case CONNECTION, CONTENTION, READ_ONLY, FULL -> true;
          case DUPLICATE_KEY, NULL_IN_NOT_NULL, PACKET_TOO_LARGE, STRUCTURE, ACCESS, BUG, OTHER ->
              false;
        };
    assertThat(fault.isPassing()).isEqualTo(passes);
    if (passes) {
      assertThat(fault.wayOut()).startsWith("; ").doesNotContain("\n").doesNotContain("ignore-");
    }
  }
}
