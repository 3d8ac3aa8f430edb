package org.tidbbinlog.testkit.workload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * An endless made-up load: DDL jobs and transactions in TiDB's exact formats, and the truth that a
 * target must reach. The same seed and spec give the same steps, timestamps aside. The model takes
 * a step's effect when the step is made, so whoever asks for a step must play it. Not thread-safe.
 *
 * <p>Source: mutations section 9, ddl-meta.
 */
public final class Workload {
  private final WorkloadSpec spec;
  private final RandomGenerator random;
  private final SchemaModel schema = new SchemaModel();
  private final TransactionMaker transactions;
  private final DdlMaker ddl;
  private final ColumnDdl columns;
  private final PartitionDdl partitions;
  private final DdlKinds kinds;
  private final RandomGenerator moreRandom;
  private final TwinDdl twins;
  private final ViewDdl views;
  private final EveryDdl every;
  private final List<MetaWrite> initialMeta;
  private final Deque<Planned> planned = new ArrayDeque<>();

  public Workload(long seed, WorkloadSpec spec) {
    this(seed, spec, DdlKinds.USUAL);
  }

  public Workload(long seed, WorkloadSpec spec, DdlKinds kinds) {
    this.kinds = kinds;
    this.moreRandom = RandomGeneratorFactory.of("L64X128MixRandom").create(seed + 1);
    this.spec = spec;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.transactions = new TransactionMaker(random, spec, schema);
    this.ddl = new DdlMaker(random, schema);
    this.columns = new ColumnDdl(random, schema);
    this.partitions = new PartitionDdl(schema);
    this.twins = new TwinDdl(moreRandom, schema);
    this.views = new ViewDdl(moreRandom, schema);
    this.every = new EveryDdl(moreRandom, schema, transactions, ddl, twins, columns);
    this.initialMeta = schema.initial();
    for (int database = 0; database < spec.databases(); database++) {
      planned.add(ts -> ddl.createDatabase().at(ts));
      for (int table = 0; table < spec.tablesPerDatabase(); table++) {
        TableShape shape = spec.tables().shape(table, random);
        planned.add(ts -> ddl.createTable(newest(), shape).at(ts));
      }
    }
  }

  /** What TiKV holds before the first step. */
  public List<MetaWrite> initialMeta() {
    return initialMeta;
  }

  /** False while a DDL of several steps, or the start, is on its way. */
  public boolean isSettled() {
    return planned.isEmpty();
  }

  /**
   * The next step, to be played at once.
   *
   * @param timestamps gives the step's start timestamp, later than all before
   */
  public WorkloadStep next(Supplier<Tso> timestamps) {
    if (planned.isEmpty() && schema.tables().isEmpty()) {
      planned.add(ts -> ddl.createTable(newest(), anyOf(spec.tables().shapes())).at(ts));
    }
    if (planned.isEmpty() && random.nextInt(100) < spec.ddlPercent()) {
      planDdl();
    }
    Planned next = planned.poll();
    Tso startTs = timestamps.get();
    return next == null ? transactions.make(startTs, schema.tables()) : next.at(startTs);
  }

  /** What a target must hold after all steps so far; only when {@link #isSettled}. */
  public List<TruthTable> truth() {
    if (!isSettled()) {
      throw new IllegalStateException("a DDL is on its way: " + planned.size() + " steps left");
    }
    return schema.tables().stream().map(ModelTable::truth).toList();
  }

  /** How all that is defined; only when {@link #isSettled}. A sequence is gone by then. */
  public List<TruthStructure> structure() {
    if (!isSettled()) {
      throw new IllegalStateException("a DDL is on its way: " + planned.size() + " steps left");
    }
    List<TruthStructure> structure = new ArrayList<>();
    for (ModelDatabase database : schema.databases()) {
      for (ModelTable table : database.tables()) {
        structure.add(new TruthStructure(database.name(), table.info()));
      }
      for (TableInfo view : database.viewsThere()) {
        structure.add(new TruthStructure(database.name(), view));
      }
    }
    return List.copyOf(structure);
  }

  private ModelDatabase newest() {
    return schema.databases().get(schema.databases().size() - 1);
  }

  private void planDdl() {
    List<ModelTable> tables = schema.tables();
    ModelTable table = tables.get(random.nextInt(tables.size()));
    Planned rows = ts -> transactions.make(ts, List.of(table));
    if (kinds == DdlKinds.EVERY && moreRandom.nextBoolean()) {
      planned.addAll(every.plan(table, anyOf(spec.tables().shapes())));
      return;
    }
    if (kinds != DdlKinds.USUAL && moreRandom.nextInt(4) == 0) {
      planMore(table);
      return;
    }
    switch (random.nextInt(20)) {
      case 0, 1, 2 -> planned.addAll(columns.addColumn(table, rows));
      case 3, 4 -> planned.addAll(columns.dropColumn(table, rows));
      case 5 -> planFirst(tables, columns::modifyColumn);
      case 6 -> planFirst(tables, columns::setDefault);
      case 7 -> planFirst(tables, columns::addIndex);
      case 8 -> planFirst(tables, columns::dropIndex);
      case 9 -> planned.add(columns.comment(table));
      case 10 -> planned.add(ts -> ddl.renameTable(table).at(ts));
      case 11 -> planned.add(ts -> ddl.truncateTable(table).at(ts));
      case 12 -> planTableOrDatabase();
      case 16 -> planFirst(tables, columns::changeColumn);
      case 17, 18 -> planFirst(tables, columns::addUnique);
      case 13 -> ddl.swapTables(table.database()).ifPresent(planned::add);
      default -> planPartition();
    }
  }

  private void planMore(ModelTable table) {
    switch (moreRandom.nextInt(5)) {
      case 0 -> planned.add(twins.createLike(table));
      case 1 -> planned.add(ts -> views.create(table).at(ts));
      case 2 -> views.drop(table.database()).ifPresent(planned::add);
      default ->
          schema.tables().stream()
              .filter(each -> each.partitions().method() == Partitions.Method.RANGE)
              .findFirst()
              .ifPresent(
                  each ->
                      planned.addAll(
                          twins.exchange(each, ts -> transactions.make(ts, List.of(each)))));
    }
  }

  /** The change of the first table, from a random one on, that it can be made to. */
  private void planFirst(List<ModelTable> tables, Function<ModelTable, Optional<Planned>> change) {
    int start = random.nextInt(tables.size());
    for (int i = 0; i < tables.size(); i++) {
      Optional<Planned> found = change.apply(tables.get((start + i) % tables.size()));
      if (found.isPresent()) {
        planned.add(found.get());
        return;
      }
    }
  }

  private void planTableOrDatabase() {
    List<ModelTable> spare = ddl.spareTables(spec.tablesPerDatabase());
    List<TableShape> shapes = spec.tables().shapes();
    if (!spare.isEmpty() && random.nextBoolean()) {
      ModelTable table = spare.get(random.nextInt(spare.size()));
      planned.add(ts -> ddl.dropTable(table).at(ts));
    } else if (schema.databases().size() > spec.databases() && isSpare(newest())) {
      planned.add(ts -> ddl.dropDatabase(newest()).at(ts));
    } else if (random.nextInt(4) == 0) {
      planned.add(ts -> ddl.createDatabase().at(ts));
      planned.add(ts -> ddl.createTable(newest(), anyOf(shapes)).at(ts));
    } else {
      List<ModelDatabase> databases = schema.databases();
      ModelDatabase database = databases.get(random.nextInt(databases.size()));
      planned.add(ts -> ddl.createTable(database, anyOf(shapes)).at(ts));
    }
  }

  /** Whether there are tables without those of the database: it may have taken in all others. */
  private boolean isSpare(ModelDatabase database) {
    return schema.tables().size() > database.tables().size();
  }

  private TableShape anyOf(List<TableShape> shapes) {
    return shapes.get(random.nextInt(shapes.size()));
  }

  private void planPartition() {
    schema.tables().stream()
        .filter(table -> table.partitions().method() == Partitions.Method.RANGE)
        .findAny()
        .ifPresent(
            table -> {
              boolean many = table.partitions().parts().size() > 3;
              switch (random.nextInt(3)) {
                case 0 -> planned.add(ts -> partitions.truncate(table).at(ts));
                default ->
                    planned.add(
                        ts -> (many ? partitions.drop(table) : partitions.add(table)).at(ts));
              }
            });
  }
}
