package org.tidbbinlog.node.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** Tells whether any of a few files was replaced or rewritten since the last look. */
final class WatchedFiles {
  private final List<Path> paths;
  private List<Object> seen;

  WatchedFiles(Path... paths) throws IOException {
    this.paths = List.of(paths);
    this.seen = look();
  }

  /** True once per change; files that are just being replaced count as not changed yet. */
  synchronized boolean changed() {
    try {
      List<Object> now = look();
      if (now.equals(seen)) {
        return false;
      }
      seen = now;
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private List<Object> look() throws IOException {
    List<Object> marks = new ArrayList<>();
    for (Path path : paths) {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      marks.add(attributes.lastModifiedTime());
      marks.add(attributes.size());
      Object key = attributes.fileKey();
      marks.add(key == null ? "" : key);
    }
    return marks;
  }
}
