package org.tidbbinlog.codec.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.RowVectors;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.DdlJobJson;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.json.JsonText;

class SchemaJsonTest {

  @Test
  @DisplayName("ddl-meta fact 1: the job vector decodes, names keep their case, flags their bits")
  void jobVector_decodes() {
    DdlJob job = DdlJobJson.parse(RowVectors.bytes(RowVectors.named("mutations", "ddl-job-json")));
    assertThat(job.action()).isEqualTo(DdlAction.CREATE_TABLE);
    assertThat(job.state()).isEqualTo(JobState.SYNCED);
    assertThat(job.isFinished()).isTrue();
    assertThat(job.schemaVersion()).isEqualTo(52);
    TableInfo table = job.tableInfo();
    assertThat(table).isNotNull();
    assertThat(table.id()).isEqualTo(45);
    assertThat(table.name()).isEqualTo(new CiName("T1", "t1"));
    FieldType id = table.columns().get(0).type();
    assertThat(id.flag()).isEqualTo(4099);
    assertThat(id.has(ColumnFlag.NOT_NULL)).isTrue();
    assertThat(id.has(ColumnFlag.PRIMARY)).isTrue();
    assertThat(id.has(ColumnFlag.NO_DEFAULT_VALUE)).isTrue();
    assertThat(DdlJobJson.parse(DdlJobJson.write(job))).isEqualTo(job);
  }

  @Test
  void databaseVector_isWrittenToTheSameBytes() {
    JsonNode vector = RowVectors.named("mutations", "db-info-json");
    DbInfo db = DbInfoJson.parse(RowVectors.bytes(vector));
    assertThat(db.name().original()).isEqualTo("Test");
    assertThat(DbInfoJson.write(db)).isEqualTo(RowVectors.bytes(vector));
  }

  @Test
  void tableOfTheJobVector_isWrittenUnderTheOriginalsNamesAndOrder() {
    JsonNode job =
        JsonText.parseObject(
            RowVectors.bytes(RowVectors.named("mutations", "ddl-job-json")), "job");
    JsonNode original = job.path("binlog").path("TableInfo");
    JsonNode written = TableInfoJson.toJson(TableInfoJson.parse(original));
    assertThat(written.toString()).isEqualTo(original.toString());
  }

  @Test
  @DisplayName("ddl-meta fact 2: unknown names, nulls and plain-string names are accepted")
  void unknownNames_nulls_andPlainNames_areAccepted() {
    TableInfo table =
        TableInfoJson.parse(
            bytes(
                """
                {"id": 7, "name": "Old", "cols": null, "index_info": null, "what": {"is": []},
                 "partition": {"enable": true, "type": 1, "definitions":
                   [{"id": 8, "name": "P0"}, {"id": 9, "name": {"O": "P1", "L": "p1"}}]},
                 "sequence": {"sequence_start": 1}}
                """));
    assertThat(table.name()).isEqualTo(new CiName("Old", "old"));
    assertThat(table.kind()).isEqualTo(TableInfo.Kind.SEQUENCE);
    assertThat(table.partition().definitions())
        .extracting(definition -> definition.name().lower())
        .containsExactly("p0", "p1");
    DdlJob job = DdlJobJson.parse(bytes("{\"id\": 1, \"binlog\": null, \"raw_args\": null}"));
    assertThat(job.schemaVersion()).isZero();
    assertThat(job.tableInfo()).isNull();
  }

  @Test
  @DisplayName("ddl-meta fact 2: unsigned numbers above 2^63 keep their bits")
  void unsignedNumbers_keepTheirBits() {
    DdlJob job =
        DdlJobJson.parse(
            bytes("{\"id\": 1, \"type\": 99, \"binlog\": {\"FinishedTS\": 18446744073709551615}}"));
    assertThat(job.finishedTs()).isEqualTo(-1);
    assertThat(job.action()).isEqualTo(DdlAction.UNKNOWN);
    assertThat(job.actionNumber()).isEqualTo(99);
  }

  @Test
  @DisplayName("ddl-meta fact 13: a create-tables job names every table")
  void createTables_namesEveryTable() {
    DdlJob job =
        DdlJobJson.parse(
            bytes(
                """
                {"id": 1, "type": 60, "state": 4, "binlog": {"SchemaVersion": 5, "TableInfo": null,
                 "MultipleTableInfos": [{"id": 3, "name": {"O": "a", "L": "a"}}, null,
                   {"id": 4, "name": {"O": "b", "L": "b"}}]}}
                """));
    assertThat(job.multipleTables()).extracting(TableInfo::id).containsExactly(3L, 4L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "7",
        "{",
        "{\"id\": \"x\"}",
        "{\"id\": {}}",
        "{\"cols\": 7}",
        "{\"cols\": [7]}x",
        "{\"name\": []}",
        "{\"id\": 1} {}"
      })
  void whatIsNoTable_isADecodeError(String text) {
    assertThatThrownBy(() -> TableInfoJson.parse(bytes(text))).isInstanceOf(DecodeException.class);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
