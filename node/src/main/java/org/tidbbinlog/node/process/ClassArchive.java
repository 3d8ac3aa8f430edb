package org.tidbbinlog.node.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The archive of loaded classes that lets the next start of the same program do without loading and
 * checking them again. Written at the end of a good life, once, where the launcher names a file
 * that is not there yet (the JVM runs with {@code -XX:+RecordDynamicDumpInfo} then). Nothing
 * depends on it: whatever goes wrong is a line in the log.
 */
final class ClassArchive {
  static final String PROPERTY = "tidb-binlog.class-archive";
  private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);

  private ClassArchive() {}

  static void writeWhereWanted() {
    String wanted = System.getProperty(PROPERTY, "");
    if (!wanted.isEmpty() && !Files.exists(Path.of(wanted))) {
      write(Path.of(wanted));
    }
  }

  private static void write(Path file) {
    Path made = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
    try {
      Object said =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "vmCds",
                  new Object[] {new String[] {"dynamic_dump", made.toString()}},
                  new String[] {String[].class.getName()});
      if (Files.exists(made)) {
        DurableFile.putInPlace(made, file);
        LOG.atInfo().addKeyValue("file", file).log("class archive written");
      } else {
        LOG.atInfo().addKeyValue("jvm", said).log("class archive not written");
      }
    } catch (JMException | IOException | RuntimeException e) {
      LOG.atInfo().addKeyValue("error", e).log("class archive not written");
    }
  }
}
