package org.tidbbinlog.sinks.mysql.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
          """)
  void errors_areToldApartByNumberAndText(int code, String state, String text, TargetFault fault) {
    assertThat(TargetFault.of(new SQLException(text, state, code))).isEqualTo(fault);
  }
}
