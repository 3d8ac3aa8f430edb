package org.tidbbinlog.pump.storage;

/** Bytes of a file system; {@code available} is what an ordinary user may still write. */
public record DiskSpace(long capacityBytes, long availableBytes) {}
