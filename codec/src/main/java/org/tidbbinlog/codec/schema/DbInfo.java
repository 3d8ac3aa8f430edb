package org.tidbbinlog.codec.schema;

/** A database. Tables are not inside. Source: ddl-meta section 8. */
public record DbInfo(long id, CiName name, String charset, String collate, SchemaState state) {}
