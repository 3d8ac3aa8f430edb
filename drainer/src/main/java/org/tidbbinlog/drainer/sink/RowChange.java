package org.tidbbinlog.drainer.sink;

/** What happened to one row of one table, in the order the transaction did it. */
public sealed interface RowChange {
  /** One constant a member of the family. */
  enum Kind {
    INSERT,
    UPDATE,
    DELETE
  }

  TableVersion table();

  Kind kind();

  record Insert(TableVersion table, RowImage after) implements RowChange {
    @Override
    public Kind kind() {
      return Kind.INSERT;
    }
  }

  /** Both images have the same columns. */
  record Update(TableVersion table, RowImage before, RowImage after) implements RowChange {
    @Override
    public Kind kind() {
      return Kind.UPDATE;
    }
  }

  record Delete(TableVersion table, RowImage before) implements RowChange {
    @Override
    public Kind kind() {
      return Kind.DELETE;
    }
  }
}
