package org.tidbbinlog.tools.compare;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.testkit.workload.TruthStructure;

/** What TiDB's own description of a table asks of a target. */
final class ModelStructure {
  private ModelStructure() {}

  static SortedMap<String, ObjectStructure> of(List<TruthStructure> truth) {
    SortedMap<String, ObjectStructure> all = new TreeMap<>();
    for (TruthStructure each : truth) {
      ObjectStructure structure = of(each);
      all.put(structure.name(), structure);
    }
    return all;
  }

  private static ObjectStructure of(TruthStructure truth) {
    String name = ObjectStructure.name(truth.schema(), truth.info().name().original());
    return switch (truth.info().kind()) {
      case BASE -> table(name, truth.info());
      case VIEW -> new ObjectStructure(name, ObjectStructure.Kind.VIEW, new TreeMap<>());
      case SEQUENCE -> new ObjectStructure(name, ObjectStructure.Kind.SEQUENCE, new TreeMap<>());
    };
  }

  private static ObjectStructure table(String name, TableInfo info) {
    StructureWords words = new StructureWords();
    info.columns().stream()
        .filter(ColumnInfo::isPublic)
        .map(ModelStructure::column)
        .forEach(words::column);
    if (info.pkIsHandle()) {
      words.index(
          "PRIMARY",
          true,
          info.columns().stream()
              .filter(column -> column.type().has(ColumnFlag.PRIMARY))
              .map(column -> column.name().original())
              .toList());
    }
    info.indexes().stream()
        .filter(index -> index.state() == SchemaState.PUBLIC)
        .forEach(index -> words.index(nameOf(index), index.unique(), parts(index, info)));
    info.partition().definitions().forEach(part -> words.partition(part.name().original()));
    words.comment(info.comment());
    return words.table(name);
  }

  private static String nameOf(IndexInfo index) {
    return index.primary() ? "PRIMARY" : index.name().original();
  }

  /** A prefix as long as its column is the whole column. */
  private static List<String> parts(IndexInfo index, TableInfo info) {
    return index.columns().stream()
        .map(
            part -> {
              boolean whole =
                  part.length() == IndexInfo.WHOLE_COLUMN
                      || part.length() == info.columns().get(part.offset()).type().flen();
              return StructureWords.part(part.name().original(), whole ? 0 : part.length());
            })
        .toList();
  }

  private static StructureWords.Column column(ColumnInfo column) {
    FieldType type = column.type();
    return new StructureWords.Column(
        column.name().original(),
        type(type),
        isText(type) ? Optional.of(type.collate()) : Optional.empty(),
        !type.has(ColumnFlag.NOT_NULL),
        column.defaultValue().isNull()
            ? Optional.empty()
            : Optional.of(column.defaultValue().asText()),
        column.isGenerated()
            ? Optional.of(
                StructureWords.generated(column.generatedExpr(), column.generatedStored()))
            : Optional.empty());
  }

  private static boolean isText(FieldType type) {
    return !type.isBinaryCharset() && type.tp() != MysqlType.JSON;
  }

  /** As {@code information_schema} spells it, without display widths. */
  private static String type(FieldType type) {
    boolean bytes = type.isBinaryCharset();
    return switch (type.tp()) {
      case MysqlType.TINY -> integer("tinyint", type);
      case MysqlType.SHORT -> integer("smallint", type);
      case MysqlType.INT24 -> integer("mediumint", type);
      case MysqlType.LONG -> integer("int", type);
      case MysqlType.LONGLONG -> integer("bigint", type);
      case MysqlType.FLOAT -> "float";
      case MysqlType.DOUBLE -> "double";
      case MysqlType.NEWDECIMAL -> "decimal(" + type.flen() + "," + type.decimal() + ")";
      case MysqlType.DATE, MysqlType.NEWDATE -> "date";
      case MysqlType.DATETIME -> fraction("datetime", type);
      case MysqlType.TIMESTAMP -> fraction("timestamp", type);
      case MysqlType.DURATION -> fraction("time", type);
      case MysqlType.YEAR -> "year";
      case MysqlType.BIT -> "bit(" + type.flen() + ")";
      case MysqlType.JSON -> "json";
      case MysqlType.ENUM -> members("enum", type);
      case MysqlType.SET -> members("set", type);
      case MysqlType.STRING -> (bytes ? "binary(" : "char(") + type.flen() + ")";
      case MysqlType.VARCHAR, MysqlType.VAR_STRING ->
          (bytes ? "varbinary(" : "varchar(") + type.flen() + ")";
      case MysqlType.TINY_BLOB -> bytes ? "tinyblob" : "tinytext";
      case MysqlType.BLOB -> bytes ? "blob" : "text";
      case MysqlType.MEDIUM_BLOB -> bytes ? "mediumblob" : "mediumtext";
      case MysqlType.LONG_BLOB -> bytes ? "longblob" : "longtext";
      default -> "type " + type.tp();
    };
  }

  private static String integer(String name, FieldType type) {
    return type.isUnsigned() ? name + " unsigned" : name;
  }

  private static String fraction(String name, FieldType type) {
    return type.decimal() > 0 ? name + "(" + type.decimal() + ")" : name;
  }

  private static String members(String name, FieldType type) {
    return type.elems().stream()
        .map(member -> "'" + member.replace("'", "''") + "'")
        .collect(Collectors.joining(",", name + "(", ")"));
  }
}
