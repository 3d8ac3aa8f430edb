package org.tidbbinlog.pump.storage;

import java.nio.ByteBuffer;

/** A record as it lies in the value log: file, offset of its frame, serialized {@code Binlog}. */
public record StoredRecord(String file, long offset, ByteBuffer payload) {}
