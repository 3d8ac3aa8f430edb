package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The data directory. Names are relative to it, with {@code /} between folder and file. A simulator
 * stands in for it in tests.
 */
public interface Disk {
  /** File names (not folders) directly in a folder, sorted; empty when there is no such folder. */
  List<String> list(String folder) throws IOException;

  void createFolder(String folder) throws IOException;

  boolean exists(String file) throws IOException;

  /** Opens for reading only; fails when there is none. */
  DiskFile openExisting(String file) throws IOException;

  /** Opens for reading and writing, creating an empty file when there is none. */
  DiskFile openOrCreate(String file) throws IOException;

  void delete(String file) throws IOException;

  /** Atomically replaces {@code to}. */
  void rename(String from, String to) throws IOException;

  /** Makes creations, renames and deletions in a folder durable; {@code ""} is the root. */
  void forceFolder(String folder) throws IOException;

  DiskSpace space() throws IOException;

  /**
   * Takes the exclusive lock that keeps a second process out.
   *
   * @throws org.tidbbinlog.base.OperatorException when another process holds it
   */
  AutoCloseable lock(String file) throws IOException;

  /** For messages: where the directory is. */
  String describe();

  /** An open file. Reads may run beside one writer. */
  interface DiskFile extends AutoCloseable {
    long size() throws IOException;

    /** Writes everything from position to limit of {@code source} at {@code offset}. */
    void write(ByteBuffer source, long offset) throws IOException;

    /** Reads up to {@code target.remaining()} bytes; returns how many, 0 at or past the end. */
    int read(ByteBuffer target, long offset) throws IOException;

    /** A read-only view that stays valid when the file is closed or deleted. */
    ByteBuffer map(long offset, int length) throws IOException;

    void truncate(long size) throws IOException;

    /** Makes the content (not all metadata) durable. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
  }
}
