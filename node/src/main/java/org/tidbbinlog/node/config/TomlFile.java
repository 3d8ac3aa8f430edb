package org.tidbbinlog.node.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.OperatorException;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * A configuration file, read strictly: a key that no option has is an error with its place, as is a
 * value of the wrong type. Keys are found whatever their case, as the original's reader does.
 */
final class TomlFile {
  private final Path path;
  private final Map<String, Option<?>> byKey = new LinkedHashMap<>();
  private final IdentityHashMap<Option<?>, Object> values = new IdentityHashMap<>();
  private final List<String> unknownKeys = new ArrayList<>();
  private final List<String> unknownPlaces = new ArrayList<>();

  private TomlFile(Path path, List<Option<?>> options) {
    this.path = path;
    for (Option<?> option : options) {
      if (!option.key().isEmpty()) {
        byKey.put(option.key().toLowerCase(Locale.ROOT), option);
      }
    }
  }

  static Map<Option<?>, Object> read(Path path, String command, List<Option<?>> options) {
    TomlFile file = new TomlFile(path, options);
    file.walk(file.parse(), "");
    if (!file.unknownKeys.isEmpty()) {
      throw new OperatorException(
          "component "
              + command
              + "'s config file "
              + path
              + " contained unknown configuration options: "
              + String.join(", ", file.unknownKeys)
              + " ("
              + String.join("; ", file.unknownPlaces)
              + ")");
    }
    return file.values;
  }

  private TomlTable parse() {
    TomlParseResult result;
    try {
      result = Toml.parse(Files.readString(path, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new OperatorException("cannot read config file " + path + ": " + reason(e), e);
    }
    if (result.hasErrors()) {
      TomlParseError error = result.errors().get(0);
      throw new OperatorException(
          "config file " + path + ": " + place(error.position()) + ": " + error.getMessage());
    }
    return result;
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException ? "no such file" : e.toString();
  }

  private void walk(TomlTable table, String prefix) {
    for (String key : table.keySet()) {
      String path = prefix.isEmpty() ? key : prefix + "." + key;
      Object value = table.get(List.of(key));
      TomlPosition position = table.inputPositionOf(List.of(key));
      Option<?> option = byKey.get(path.toLowerCase(Locale.ROOT));
      if (option != null && value != null) {
        take(option, plain(value), path, position);
      } else if (value instanceof TomlTable inner && isParent(path)) {
        walk(inner, path);
      } else {
        unknownKeys.add(path);
        unknownPlaces.add(path + " at " + place(position));
      }
    }
  }

  private boolean isParent(String path) {
    String start = path.toLowerCase(Locale.ROOT) + ".";
    return byKey.keySet().stream().anyMatch(key -> key.startsWith(start));
  }

  private void take(Option<?> option, Object value, String key, @Nullable TomlPosition position) {
    String where = "config file " + path + ": " + place(position) + ": key " + key + " ";
    if (values.containsKey(option)) {
      throw new OperatorException(where + "is given twice");
    }
    try {
      values.put(option, option.kind().fromToml(value));
    } catch (BadValueException e) {
      throw new OperatorException(where + e.reason());
    }
  }

  private static String place(@Nullable TomlPosition position) {
    return position == null
        ? "unknown place"
        : "line " + position.line() + ", column " + position.column();
  }

  private static Object plain(Object value) {
    if (value instanceof TomlTable table) {
      Map<String, Object> map = new LinkedHashMap<>();
      for (String key : table.keySet()) {
        Object inner = table.get(List.of(key));
        if (inner != null) {
          map.put(key, plain(inner));
        }
      }
      return map;
    }
    if (value instanceof TomlArray array) {
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < array.size(); i++) {
        list.add(plain(array.get(i)));
      }
      return list;
    }
    return value;
  }
}
