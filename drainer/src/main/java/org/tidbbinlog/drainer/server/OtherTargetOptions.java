package org.tidbbinlog.drainer.server;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.node.config.Kind;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.Settings;

/**
 * Keys of targets that this release does not have, declared so that files with them are checked.
 * Source: drainer section 2.3.
 */
final class OtherTargetOptions {
  private final List<Option<Long>> numbers = new ArrayList<>();

  OtherTargetOptions(Settings.Builder builder) {
    text(builder, "zookeeper-addrs", "", "kafka: ZooKeeper, wins over kafka-addrs");
    text(builder, "kafka-addrs", "127.0.0.1:9092", "kafka: brokers");
    text(builder, "kafka-version", "0.8.2.0", "kafka: protocol version");
    number(builder, "kafka-max-messages", 1024, "kafka: messages under way");
    number(builder, "kafka-max-message-size", 1L << 30, "kafka: bytes of one message");
    text(builder, "kafka-client-id", "tidb_binlog", "kafka: client id");
    text(builder, "topic-name", "", "kafka: topic, default <cluster id>_obinlog");
    text(builder, "compression", "", "file, 2018: gzip or nothing");
    text(builder, "time-limit", "", "flash, 2018: longest wait of a batch");
    text(builder, "size-limit", "", "flash, 2018: rows of a batch");
  }

  /** None of them may be negative. */
  List<Option<Long>> numbers() {
    return List.copyOf(numbers);
  }

  private static void text(Settings.Builder builder, String key, String fallback, String doc) {
    builder.option(Kind.STRING, fallback).key("syncer.to." + key).doc(doc).add();
  }

  private void number(Settings.Builder builder, String key, long fallback, String doc) {
    numbers.add(builder.option(Kind.INT, fallback).key("syncer.to." + key).doc(doc).add());
  }
}
