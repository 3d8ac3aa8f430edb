package org.tidbbinlog.codec.row;

/** Whether a cluster keys strings by their collation (the default since v4.0) or by their bytes. */
public enum NewCollations {
  ON,
  OFF
}
