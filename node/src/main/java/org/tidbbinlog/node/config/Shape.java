package org.tidbbinlog.node.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a nested part of the file may hold. Values come out as String, Long, Double, Boolean, List
 * and Map; keys as they are spelled here, whatever case the file used.
 */
public abstract class Shape {
  Shape() {}

  /** A single value of a kind. */
  public static Shape of(Kind<?> kind) {
    return new Leaf(kind);
  }

  /** An array, each item of one shape. */
  public static Shape listOf(Shape item) {
    return new Items(item);
  }

  /** A table with these keys and no others; none is required. */
  public static Shape table(Map<String, Shape> keys) {
    return new Table(keys);
  }

  /** A table with free keys. */
  public static Shape mapOf(Shape value) {
    return new Free(value);
  }

  /** A table with free keys and any scalar as value, read as text. */
  public static Shape textMap() {
    return new Free(new AnyScalar());
  }

  abstract Object read(Object value);

  abstract String describe();

  /** How a message calls the type of a TOML value. */
  static String typeOf(Object value) {
    if (value instanceof Map) {
      return "a table";
    } else if (value instanceof List) {
      return "an array";
    } else if (value instanceof String) {
      return "a string";
    } else if (value instanceof Long) {
      return "an integer";
    } else if (value instanceof Boolean) {
      return "a boolean";
    }
    return value instanceof Double ? "a float" : "a date or time";
  }

  private static final class Leaf extends Shape {
    private final Kind<?> kind;

    Leaf(Kind<?> kind) {
      this.kind = kind;
    }

    @Override
    Object read(Object value) {
      return kind.fromToml(value);
    }

    @Override
    String describe() {
      return kind.typeName();
    }
  }

  private static final class AnyScalar extends Shape {
    @Override
    Object read(Object value) {
      if (value instanceof Map || value instanceof List) {
        throw new BadValueException("wants a single value, got " + typeOf(value));
      }
      return String.valueOf(value);
    }

    @Override
    String describe() {
      return "value";
    }
  }

  private static final class Items extends Shape {
    private final Shape item;

    Items(Shape item) {
      this.item = item;
    }

    @Override
    Object read(Object value) {
      if (!(value instanceof List<?> list)) {
        throw new BadValueException("wants an array, got " + typeOf(value));
      }
      List<Object> items = new ArrayList<>();
      list.forEach(each -> items.add(item.read(each)));
      return List.copyOf(items);
    }

    @Override
    String describe() {
      return "array of " + item.describe();
    }
  }

  private static final class Table extends Shape {
    private final Map<String, Shape> keys;

    Table(Map<String, Shape> keys) {
      this.keys = new LinkedHashMap<>(keys);
    }

    @Override
    Object read(Object value) {
      Map<String, Object> table = new LinkedHashMap<>();
      requireMap(value)
          .forEach(
              (key, each) -> {
                String name = spelled(String.valueOf(key));
                Shape shape = keys.get(name);
                if (shape == null) {
                  throw new BadValueException("does not know the key " + key);
                }
                table.put(name, within(name, shape, each));
              });
      return Map.copyOf(table);
    }

    private String spelled(String key) {
      return keys.keySet().stream().filter(key::equalsIgnoreCase).findFirst().orElse(key);
    }

    @Override
    String describe() {
      return "table of " + String.join(", ", keys.keySet());
    }
  }

  private static final class Free extends Shape {
    private final Shape each;

    Free(Shape each) {
      this.each = each;
    }

    @Override
    Object read(Object value) {
      Map<String, Object> table = new LinkedHashMap<>();
      requireMap(value)
          .forEach((key, item) -> table.put(String.valueOf(key), within(key, each, item)));
      return Map.copyOf(table);
    }

    @Override
    String describe() {
      return "table";
    }
  }

  private static Object within(Object key, Shape shape, Object value) {
    try {
      return shape.read(value);
    } catch (BadValueException e) {
      throw new BadValueException(key + " " + e.reason());
    }
  }

  private static Map<?, ?> requireMap(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new BadValueException("wants a table, got " + typeOf(value));
  }
}
