package org.tidbbinlog.codec.mutation;

/** Field numbers of the PrewriteValue and TableMutation messages. Source: mutations section 1. */
final class MutationFields {
  static final String VALUE_MESSAGE = "PrewriteValue";
  static final int SCHEMA_VERSION = 1;
  static final int MUTATIONS = 2;

  static final String TABLE_MESSAGE = "TableMutation";
  static final int TABLE_ID = 1;
  static final int INSERTED_ROWS = 2;
  static final int UPDATED_ROWS = 3;
  static final int DELETED_ROWS = 6;
  static final int SEQUENCE = 7;

  private MutationFields() {}
}
