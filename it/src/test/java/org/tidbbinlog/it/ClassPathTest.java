package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Classes of messages and clients that must not be there in two versions. */
class ClassPathTest {
  private static final List<String> ONCE =
      List.of(
          "io/etcd/",
          "io/grpc/",
          "org/tikv/",
          "binlog/",
          "com/google/protobuf/",
          "org/tidbbinlog/");

  @Test
  @DisplayName("tikv-access fact 6: no class of clients and messages is on the class path twice")
  void clientsAndMessages_areThereOnce() throws IOException {
    Map<String, Integer> copies = new TreeMap<>();
    for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(part);
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.walk(path)) {
          files.forEach(file -> count(path.relativize(file).toString(), copies));
        }
      } else if (Files.exists(path)) {
        try (JarFile jar = new JarFile(path.toFile())) {
          jar.stream().map(JarEntry::getName).forEach(name -> count(name, copies));
        }
      }
    }
    assertThat(copies).containsKey("org/tidbbinlog/base/Tso.class");
    copies.values().removeIf(count -> count == 1);
    assertThat(copies).isEmpty();
    assertThat(ClassLoader.getSystemResource("io/etcd/jetcd/Client.class")).isNull();
  }

  private static void count(String file, Map<String, Integer> copies) {
    String name = file.replace(File.separatorChar, '/');
    boolean counted =
        name.endsWith(".class")
            && !name.endsWith("package-info.class")
            && ONCE.stream().anyMatch(name::startsWith);
    if (counted) {
      copies.merge(name, 1, Integer::sum);
    }
  }
}
