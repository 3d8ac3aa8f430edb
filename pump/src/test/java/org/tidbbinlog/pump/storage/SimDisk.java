package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.OperatorException;

/**
 * A disk in memory that forgets on {@link #crash} what was not forced: of each file's pending
 * writes an arbitrary part survives, torn at any byte; of each folder's pending changes an
 * arbitrary prefix. Takes faults: a byte quota, failing forces.
 */
final class SimDisk implements Disk {
  private final Map<String, SimFile> names = new TreeMap<>();
  private final Map<String, SimFile> durableNames = new TreeMap<>();
  private boolean locked;
  private int incarnation;
  long quotaBytes = Long.MAX_VALUE;
  int failingForces;
  int forces;
  int openFiles;
  String failingFolder = "none";

  /** The next force of a file below this fails, and what it was for is gone. */
  String forgettingFolder = "none";

  /** A byte of a file that cannot be read; the file's name is empty when there is none. */
  record BadSector(String file, long offset) {
    boolean isIn(String name, long from, int length) {
      return name.equals(file) && from <= offset && offset < from + length;
    }
  }

  volatile BadSector badSector = new BadSector("", 0);

  volatile Before before = (operation, file) -> {};

  enum Operation {
    READ,
    WRITE,
    FORCE,
    DELETE
  }

  /** Called without any lock; may wait or throw. */
  interface Before {
    void operation(Operation operation, String file) throws IOException;
  }

  /** Power is cut. */
  synchronized void crash(RandomGenerator random) {
    incarnation++;
    locked = false;
    // A journalling file system keeps the order of name changes, so some keep all of them.
    if (random.nextBoolean()) {
      names.clear();
      names.putAll(durableNames);
    }
    for (SimFile file : names.values()) {
      file.crash(random);
    }
    durableNames.clear();
    durableNames.putAll(names);
  }

  /** The process dies, the machine does not. */
  synchronized void kill() {
    incarnation++;
    locked = false;
  }

  synchronized byte[] content(String name) {
    return file(name).current();
  }

  synchronized void replace(String name, byte[] content) {
    SimFile file = new SimFile();
    file.bytes = content.clone();
    file.size = content.length;
    file.forced = content.clone();
    names.put(name, file);
    durableNames.put(name, file);
  }

  /** The device spoils a byte, under the hands of whoever has the file open. */
  synchronized void flip(String name, int offset) {
    SimFile file = file(name);
    file.bytes[offset] ^= 1;
    if (offset < file.forced.length) {
      file.forced[offset] ^= 1;
    }
  }

  /** Somebody cuts the file, under the hands of whoever has it open. */
  synchronized void cut(String name, int size) {
    file(name).truncate(size);
  }

  synchronized List<String> all() {
    return List.copyOf(names.keySet());
  }

  synchronized SimDisk copy() {
    SimDisk copy = new SimDisk();
    names.forEach((name, file) -> copy.replace(name, file.current()));
    return copy;
  }

  private SimFile file(String name) {
    SimFile file = names.get(name);
    if (file == null) {
      throw new IllegalArgumentException("no file " + name);
    }
    return file;
  }

  @Override
  public synchronized List<String> list(String folder) {
    String prefix = folder + "/";
    return names.keySet().stream()
        .filter(name -> name.startsWith(prefix) && name.indexOf('/', prefix.length()) < 0)
        .map(name -> name.substring(prefix.length()))
        .toList();
  }

  @Override
  public void createFolder(String folder) {}

  @Override
  public synchronized boolean exists(String file) {
    return names.containsKey(file);
  }

  @Override
  public synchronized DiskFile openExisting(String file) throws IOException {
    if (!names.containsKey(file)) {
      throw new IOException("no such file: " + file);
    }
    return new Handle(file, file(file));
  }

  @Override
  public synchronized DiskFile openOrCreate(String file) {
    return new Handle(file, names.computeIfAbsent(file, name -> new SimFile()));
  }

  @Override
  public void delete(String file) {
    try {
      before.operation(Operation.DELETE, file);
    } catch (IOException e) {
      throw SimDisk.<RuntimeException>asIs(e);
    }
    synchronized (this) {
      names.remove(file);
    }
  }

  /** Tests that delete files themselves need not expect what only the engine is to meet. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Exception> X asIs(Exception e) throws X {
    throw (X) e;
  }

  @Override
  public synchronized void rename(String from, String to) {
    names.put(to, file(from));
    names.remove(from);
  }

  @Override
  public synchronized void forceFolder(String folder) {
    if (folder.equals(failingFolder)) {
      throw SimDisk.<RuntimeException>asIs(new IOException("Input/output error"));
    }
    durableNames.keySet().removeIf(name -> isIn(folder, name) && !names.containsKey(name));
    names.forEach(
        (name, file) -> {
          if (isIn(folder, name)) {
            durableNames.put(name, file);
          }
        });
  }

  private static boolean isIn(String folder, String name) {
    int slash = name.lastIndexOf('/');
    return folder.equals(slash < 0 ? "" : name.substring(0, slash));
  }

  @Override
  public DiskSpace space() {
    return new DiskSpace(Long.MAX_VALUE, quotaBytes);
  }

  @Override
  public synchronized AutoCloseable lock(String file) {
    if (locked) {
      throw new OperatorException("data directory is in use by another Pump");
    }
    locked = true;
    int holder = incarnation;
    return () -> {
      if (holder == incarnation) {
        locked = false;
      }
    };
  }

  @Override
  public String describe() {
    return "simulated disk";
  }

  private record Pending(long offset, byte[] bytes, long truncateTo) {}

  private static final class SimFile {
    byte[] bytes = new byte[0];
    int size;
    byte[] forced = new byte[0];
    final List<Pending> pending = new ArrayList<>();

    byte[] current() {
      return Arrays.copyOf(bytes, size);
    }

    void write(long offset, byte[] data) {
      int end = Math.toIntExact(offset + data.length);
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
      }
      System.arraycopy(data, 0, bytes, (int) offset, data.length);
      size = Math.max(size, end);
    }

    void truncate(long to) {
      if (to < size) {
        Arrays.fill(bytes, (int) to, size, (byte) 0);
        size = (int) to;
      }
    }

    void crash(RandomGenerator random) {
      bytes = forced.clone();
      size = forced.length;
      boolean all = random.nextInt(4) == 0;
      for (Pending each : pending) {
        if (!all && random.nextInt(3) == 0) {
          continue;
        }
        if (each.truncateTo >= 0) {
          truncate(each.truncateTo);
        } else {
          int keep = all ? each.bytes.length : random.nextInt(each.bytes.length + 1);
          write(each.offset, Arrays.copyOf(each.bytes, keep));
        }
      }
      force();
    }

    void force() {
      forced = current();
      pending.clear();
    }
  }

  private final class Handle implements DiskFile {
    private final String name;
    private final SimFile file;
    private final int opened = incarnation;
    private boolean closed;

    Handle(String name, SimFile file) {
      this.name = name;
      openFiles++;
      this.file = file;
    }

    private void requireOpen() throws IOException {
      if (closed || opened != incarnation) {
        throw new IOException("closed");
      }
    }

    @Override
    public long size() throws IOException {
      synchronized (SimDisk.this) {
        requireOpen();
        return file.size;
      }
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
      before.operation(Operation.WRITE, name);
      synchronized (SimDisk.this) {
        requireOpen();
        int room = (int) Math.min(source.remaining(), Math.max(0, quotaBytes));
        boolean full = room < source.remaining();
        byte[] data = new byte[room];
        source.get(data);
        quotaBytes -= quotaBytes == Long.MAX_VALUE ? 0 : room;
        file.write(offset, data);
        file.pending.add(new Pending(offset, data, -1));
        if (full) {
          throw new IOException("No space left on device");
        }
      }
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
      before.operation(Operation.READ, name);
      if (badSector.isIn(name, offset, target.remaining())) {
        throw new IOException("Input/output error");
      }
      synchronized (SimDisk.this) {
        requireOpen();
        int count = (int) Math.max(0, Math.min(target.remaining(), file.size - offset));
        target.put(file.bytes, (int) Math.min(offset, file.bytes.length), count);
        return count;
      }
    }

    @Override
    public ByteBuffer map(long offset, int length) throws IOException {
      if (badSector.isIn(name, offset, length)) {
        // A real one is thrown by the first access.
        throw new InternalError("a fault occurred in an unsafe memory access operation");
      }
      synchronized (SimDisk.this) {
        requireOpen();
        return ByteBuffer.wrap(Arrays.copyOfRange(file.bytes, (int) offset, (int) offset + length))
            .asReadOnlyBuffer();
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      synchronized (SimDisk.this) {
        requireOpen();
        file.truncate(size);
        file.pending.add(new Pending(0, new byte[0], size));
      }
    }

    @Override
    public void force() throws IOException {
      before.operation(Operation.FORCE, name);
      synchronized (SimDisk.this) {
        requireOpen();
        forces++;
        if (name.startsWith(forgettingFolder)) {
          forgettingFolder = "none";
          file.pending.clear();
          throw new IOException("Input/output error");
        }
        if (failingForces > 0) {
          failingForces--;
          throw new IOException("Input/output error");
        }
        file.force();
      }
    }

    @Override
    public void close() {
      openFiles -= closed ? 0 : 1;
      closed = true;
    }
  }
}
