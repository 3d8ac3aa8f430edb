package org.tidbbinlog.testkit.capture;

/** One key of TiKV's meta space as a scan returns it. The arrays are not copied. */
public record MetaPair(byte[] key, byte[] value) {}
