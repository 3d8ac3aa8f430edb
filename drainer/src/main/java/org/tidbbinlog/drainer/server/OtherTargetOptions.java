package org.tidbbinlog.drainer.server;

import org.tidbbinlog.node.config.Kind;
import org.tidbbinlog.node.config.Settings;

/**
 * Keys of targets that come later, declared so that files with them are checked. Source: drainer
 * section 2.3.
 */
final class OtherTargetOptions {
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

  private static void text(Settings.Builder builder, String key, String fallback, String doc) {
    builder.option(Kind.STRING, fallback).key("syncer.to." + key).doc(doc).add();
  }

  private static void number(Settings.Builder builder, String key, long fallback, String doc) {
    builder.option(Kind.INT, fallback).key("syncer.to." + key).doc(doc).add();
  }
}
