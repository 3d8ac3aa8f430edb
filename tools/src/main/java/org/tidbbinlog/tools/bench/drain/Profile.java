package org.tidbbinlog.tools.bench.drain;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.tidbbinlog.testkit.capture.Capture;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Made-up work for a Drainer. */
enum Profile {
  /** Single-row inserts, updates, deletes and inserts of a hundred rows over four tables. */
  MIXED,
  /** Updates of ten rows, again and again. */
  HOT_ROW,
  /** One transaction of a million rows. */
  BIG_TRANSACTION,
  /** 200 tables of 200 columns. */
  WIDE,
  /** 40,000 tables and 100,000 past DDL jobs; few rows. */
  MANY_TABLES;

  /** Writes the work as a capture, with checksums of what a target must be. */
  Capture write(Path folder, double scale) {
    GeneratedCapture capture = GeneratedCapture.create(folder);
    switch (this) {
      case MIXED -> GeneratedWork.mixed(capture, scale);
      case HOT_ROW -> GeneratedWork.hotRow(capture, scale);
      case BIG_TRANSACTION -> GeneratedWork.bigTransaction(capture, scale);
      case WIDE -> GeneratedWork.wide(capture, scale);
      case MANY_TABLES -> GeneratedWork.manyTables(capture, scale);
    }
    capture.finish();
    return Capture.open(folder);
  }

  /** From the command line. */
  static final class Reader implements ITypeConverter<Profile> {
    @Override
    public Profile convert(String text) {
      return Arrays.stream(values())
          .filter(profile -> profile.toString().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "no such profile: " + text + "; there are " + Arrays.toString(values())));
    }
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
