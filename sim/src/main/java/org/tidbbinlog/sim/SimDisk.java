package org.tidbbinlog.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.pump.storage.Disk;
import org.tidbbinlog.pump.storage.DiskSpace;

/**
 * A disk that forgets in a power cut what was not forced: sectors of files, and changes of names.
 * Before each operation its {@link Hook} is asked, which may fail it, cut the power or let somebody
 * else run.
 */
final class SimDisk implements Disk {
  /** What is about to be done. */
  enum Operation {
    OPEN,
    READ,
    WRITE,
    TRUNCATE,
    FORCE,
    NAME
  }

  /** Stands before every operation. */
  interface Hook {
    void before(Operation operation, String file) throws IOException;
  }

  /** A name now means this file, or nothing when {@code files} is empty. */
  private record NameChange(String name, List<SimFile> files) {
    void apply(TreeMap<String, SimFile> names) {
      if (files.isEmpty()) {
        names.remove(name);
      } else {
        names.put(name, files.get(0));
      }
    }
  }

  private final TreeMap<String, SimFile> names = new TreeMap<>();
  private final TreeMap<String, SimFile> durableNames = new TreeMap<>();
  private final List<List<NameChange>> journal = new ArrayList<>();
  private final String owner;
  private Hook hook = (operation, file) -> {};
  private boolean locked;
  private int incarnation;
  private long freeBytes = Long.MAX_VALUE;

  SimDisk(String owner) {
    this.owner = owner;
  }

  void hook(Hook next) {
    hook = next;
  }

  /** How much can be written from now on. */
  void freeBytes(long bytes) {
    freeBytes = bytes;
  }

  /** The machine goes down. Name changes are lost from some point on; a folder's force is kept. */
  void powerCut(Chance chance) {
    kill();
    int kept = chance.oneIn(2) ? journal.size() : chance.below(journal.size() + 1);
    for (List<NameChange> change : journal.subList(0, kept)) {
      change.forEach(each -> each.apply(durableNames));
    }
    journal.clear();
    names.clear();
    names.putAll(durableNames);
    names.values().forEach(file -> file.powerCut(chance));
  }

  /** The process ends; what it wrote stays. */
  void kill() {
    incarnation++;
    locked = false;
  }

  List<String> all() {
    return List.copyOf(names.keySet());
  }

  /** Somebody else's hand: the file is replaced, durably. */
  void replace(String name, byte[] content) {
    SimFile file = new SimFile();
    file.write(0, content);
    file.force();
    names.put(name, file);
    durableNames.put(name, file);
  }

  /** Somebody else's hand. */
  void remove(String name) {
    names.remove(name);
    durableNames.remove(name);
  }

  /** The device spoils a bit, under the hands of whoever has the file open. */
  void flip(String name, int offset, int bit) {
    existing(name).flip(offset, bit);
  }

  byte[] content(String name) {
    return existing(name).content();
  }

  private SimFile existing(String name) {
    SimFile file = names.get(name);
    if (file == null) {
      throw new IllegalArgumentException("no file " + name);
    }
    return file;
  }

  private void change(List<NameChange> changes) {
    changes.forEach(each -> each.apply(names));
    journal.add(changes);
  }

  @Override
  public List<String> list(String folder) {
    return names.keySet().stream()
        .filter(name -> folderOf(name).equals(folder))
        .map(name -> name.substring(folder.isEmpty() ? 0 : folder.length() + 1))
        .toList();
  }

  private static String folderOf(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? "" : name.substring(0, slash);
  }

  @Override
  public void createFolder(String folder) {}

  @Override
  public boolean exists(String file) {
    return names.containsKey(file);
  }

  @Override
  public DiskFile openExisting(String file) throws IOException {
    if (!names.containsKey(file)) {
      throw new IOException("no such file: " + file);
    }
    return new Handle(file, existing(file));
  }

  @Override
  public DiskFile openOrCreate(String file) throws IOException {
    hook.before(Operation.OPEN, file);
    if (!names.containsKey(file)) {
      change(List.of(new NameChange(file, List.of(new SimFile()))));
    }
    return new Handle(file, existing(file));
  }

  @Override
  public void delete(String file) throws IOException {
    hook.before(Operation.NAME, file);
    if (names.containsKey(file)) {
      change(List.of(new NameChange(file, List.of())));
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    hook.before(Operation.NAME, to);
    change(List.of(new NameChange(to, List.of(existing(from))), new NameChange(from, List.of())));
  }

  @Override
  public void forceFolder(String folder) throws IOException {
    hook.before(Operation.FORCE, folder);
    journal.removeIf(
        changes -> {
          boolean here = folderOf(changes.get(0).name()).equals(folder);
          if (here) {
            changes.forEach(each -> each.apply(durableNames));
          }
          return here;
        });
  }

  @Override
  public DiskSpace space() {
    return new DiskSpace(Long.MAX_VALUE, freeBytes);
  }

  @Override
  public AutoCloseable lock(String file) {
    if (locked) {
      throw new OperatorException("data directory of " + owner + " is in use");
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
    return "the simulated disk of " + owner;
  }

  private final class Handle implements DiskFile {
    private final String name;
    private final SimFile file;
    private final int opened = incarnation;
    private boolean closed;

    Handle(String name, SimFile file) {
      this.name = name;
      this.file = file;
    }

    private void enter(Operation operation) throws IOException {
      hook.before(operation, name);
      if (opened != incarnation) {
        throw new PowerCut(PowerCut.Of.PROCESS);
      }
      if (closed) {
        throw new IOException(name + " is closed");
      }
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
      enter(Operation.WRITE);
      int room = (int) Math.min(source.remaining(), Math.max(0, freeBytes));
      boolean full = room < source.remaining();
      byte[] data = new byte[room];
      source.get(data);
      freeBytes -= freeBytes == Long.MAX_VALUE ? 0 : room;
      file.write((int) offset, data);
      if (full) {
        throw new IOException("No space left on device");
      }
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
      enter(Operation.READ);
      byte[] bytes =
          new byte[Math.min(target.remaining(), Math.max(0, file.size() - (int) offset))];
      int count = file.read(bytes, (int) offset);
      target.put(bytes, 0, count);
      return count;
    }

    @Override
    public ByteBuffer map(long offset, int length) throws IOException {
      ByteBuffer copy = ByteBuffer.allocate(length);
      read(copy, offset);
      return copy.flip().asReadOnlyBuffer();
    }

    @Override
    public void truncate(long size) throws IOException {
      enter(Operation.TRUNCATE);
      file.truncate((int) size);
    }

    @Override
    public void force() throws IOException {
      try {
        enter(Operation.FORCE);
      } catch (ForceFailure e) {
        if (e.bytes() == ForceFailure.Bytes.FORGOTTEN) {
          file.dropPending();
        }
        throw e;
      }
      file.force();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
