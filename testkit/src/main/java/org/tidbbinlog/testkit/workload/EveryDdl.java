package org.tidbbinlog.testkit.workload;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** Chooses among the DDL that {@link DdlKinds#EVERY} has beyond the other kinds. */
final class EveryDdl {
  private final RandomGenerator random;
  private final SchemaModel schema;
  private final TransactionMaker transactions;
  private final DdlMaker ddl;
  private final RecoverDdl recover;
  private final MultiChangeDdl changes;
  private final ConvertDdl converts;
  private final KeyDdl keys;
  private final OptionDdl options;
  private final TwinDdl twins;
  private final RepartitionDdl partitions;
  private final SequenceDdl sequences;

  EveryDdl(
      RandomGenerator random,
      SchemaModel schema,
      TransactionMaker transactions,
      DdlMaker ddl,
      TwinDdl twins,
      ColumnDdl columns) {
    this.random = random;
    this.schema = schema;
    this.transactions = transactions;
    this.ddl = ddl;
    this.recover = new RecoverDdl(random, schema, ddl);
    this.changes = new MultiChangeDdl(random, schema, columns);
    this.converts = new ConvertDdl(random, schema);
    this.keys = new KeyDdl(random, schema);
    this.options = new OptionDdl(random, schema);
    this.twins = twins;
    this.partitions = new RepartitionDdl(random, schema);
    this.sequences = new SequenceDdl(random, schema);
  }

  /**
   * The steps of one statement or of a few that belong together.
   *
   * @param table one that most of them are about
   * @param shape of a new table
   */
  List<Planned> plan(ModelTable table, TableShape shape) {
    Planned rows = ts -> transactions.make(ts, List.of(table));
    Planned anyRows = ts -> transactions.make(ts, schema.tables());
    return switch (random.nextInt(24)) {
      case 0, 1, 2, 3 -> changes.change(table, rows, created(table));
      case 4 -> changes.addColumns(table, rows);
      case 5 -> changes.dropColumns(table, rows);
      case 6, 7 -> recover.dropAndRecover(table, anyRows);
      case 8, 9 -> recover.truncateAndRecover(table, anyRows);
      case 10 -> recover.recoverAny().map(List::of).orElse(List.of());
      case 11 -> recover.dropAndRecoverDatabase(table.database(), anyRows);
      case 12 ->
          switch (random.nextInt(3)) {
            case 0 -> first(keys::rename);
            case 1 -> first(keys::dropSeveral);
            default -> first(keys::visibility);
          };
      case 13 -> firstOf(keys::dropPrimary);
      case 14 -> first(partitions::reorganize);
      case 15 -> first(partitions::partitionBy);
      case 16 -> random.nextBoolean() ? first(options::dropDefault) : options.check(table, rows);
      case 17 ->
          List.of(
              random.nextInt(4) == 0
                  ? options.databaseCharset(table.database())
                  : options.ofTidbAlone(table));
      case 18 ->
          random.nextInt(3) == 0
              ? sequences.life(table.database(), rows)
              : List.of(options.option(table));
      case 19, 20 -> firstOf(converts::convert);
      case 21 -> recover.dropTwo(table, any(), anyRows);
      case 22 ->
          firstOf(
              (each, ofEach) ->
                  each.partitions().method() == Partitions.Method.RANGE
                      ? twins.exchangeOnce(each, both -> ts -> transactions.make(ts, both))
                      : List.of());
      default -> List.of(ts -> ddl.createTables(table.database(), shape).at(ts));
    };
  }

  private ModelTable any() {
    List<ModelTable> tables = schema.tables();
    return tables.get(random.nextInt(tables.size()));
  }

  private Planned created(ModelTable beside) {
    return ts -> ddl.createTable(beside.database(), TableShape.NONCLUSTERED_KEY).at(ts);
  }

  private List<Planned> first(Function<ModelTable, Optional<Planned>> change) {
    return firstOf((table, rows) -> change.apply(table).map(List::of).orElse(List.of()));
  }

  /** Of the first table, from a random one on, that it can be made to. */
  private List<Planned> firstOf(BiFunction<ModelTable, Planned, List<Planned>> change) {
    List<ModelTable> tables = schema.tables();
    int start = random.nextInt(tables.size());
    for (int i = 0; i < tables.size(); i++) {
      ModelTable table = tables.get((start + i) % tables.size());
      List<Planned> steps = change.apply(table, ts -> transactions.make(ts, List.of(table)));
      if (!steps.isEmpty()) {
        return steps;
      }
    }
    return List.of();
  }
}
