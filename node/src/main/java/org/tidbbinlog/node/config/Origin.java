package org.tidbbinlog.node.config;

/** Where a value came from; later ones beat earlier ones. */
public enum Origin {
  DEFAULT,
  FILE,
  ENVIRONMENT,
  COMMAND_LINE
}
