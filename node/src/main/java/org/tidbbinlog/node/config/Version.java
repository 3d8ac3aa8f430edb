package org.tidbbinlog.node.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What was built, from what, when; written into the jar by the build. */
public record Version(String release, String commit, String buildTime) {
  private static final String RESOURCE = "version.properties";

  public static Version current() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Version(
        properties.getProperty("release", "unknown"),
        properties.getProperty("commit", "unknown"),
        properties.getProperty("build.time", "unknown"));
  }

  /** The five lines of the original; there is no Go in here, so its line names the JVM. */
  public String block() {
    return "Release Version: "
        + release
        + "\n"
        + "Git Commit Hash: "
        + commit
        + "\n"
        + "Build TS: "
        + buildTime
        + "\n"
        + "Go Version: "
        + platform()
        + "\n"
        + "Go OS/Arch: "
        + osArch()
        + "\n";
  }

  public String platform() {
    return "none (Java " + Runtime.version() + ")";
  }

  public String osArch() {
    String arch = System.getProperty("os.arch", "unknown");
    return System.getProperty("os.name", "unknown").toLowerCase(java.util.Locale.ROOT)
        + "/"
        + (arch.equals("x86_64") ? "amd64" : arch);
  }
}
