package org.tidbbinlog.codec.mutation;

/** What happened to a row. Source: mutations section 1. */
public enum MutationKind {
  INSERT(0),
  UPDATE(1),
  DELETE(4);

  private final int number;

  MutationKind(int number) {
    this.number = number;
  }

  /** The number in a mutation's sequence. */
  int number() {
    return number;
  }
}
