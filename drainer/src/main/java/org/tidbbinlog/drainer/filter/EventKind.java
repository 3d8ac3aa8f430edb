package org.tidbbinlog.drainer.filter;

import java.util.Locale;
import java.util.Optional;

/** The events an {@code ignore-event} list can name. Source: drainer section 2.1. */
enum EventKind {
  ALL("all"),
  ALL_DDL("all ddl"),
  ALL_DML("all dml"),
  NONE("none"),
  NONE_DDL("none ddl"),
  NONE_DML("none dml"),
  INSERT("insert"),
  UPDATE("update"),
  DELETE("delete"),
  CREATE_DATABASE("create database"),
  DROP_DATABASE("drop database"),
  ALTER_DATABASE("alter database"),
  CREATE_TABLE("create table"),
  DROP_TABLE("drop table"),
  TRUNCATE_TABLE("truncate table"),
  RENAME_TABLE("rename table"),
  CREATE_INDEX("create index"),
  DROP_INDEX("drop index"),
  CREATE_VIEW("create view"),
  DROP_VIEW("drop view"),
  ALTER_TABLE("alter table"),
  ADD_TABLE_PARTITION("add table partition"),
  DROP_TABLE_PARTITION("drop table partition"),
  TRUNCATE_TABLE_PARTITION("truncate table partition");

  private final String text;

  EventKind(String text) {
    this.text = text;
  }

  static Optional<EventKind> of(String name) {
    String wanted = name.toLowerCase(Locale.ROOT).replace(" schema", " database");
    for (EventKind kind : values()) {
      if (kind.text.equals(wanted)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  boolean isDml() {
    return this == INSERT || this == UPDATE || this == DELETE;
  }
}
