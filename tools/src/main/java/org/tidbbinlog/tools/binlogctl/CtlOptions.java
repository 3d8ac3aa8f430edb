package org.tidbbinlog.tools.binlogctl;

import java.util.List;
import java.util.Map;
import org.tidbbinlog.node.config.Kind;
import org.tidbbinlog.node.config.Option;
import org.tidbbinlog.node.config.Settings;
import org.tidbbinlog.node.config.Values;
import org.tidbbinlog.node.net.TlsSettings;

/** The flags; neither file nor environment. Source: binlogctl section 1. */
final class CtlOptions {
  /** Exit code of everything wrong with the flags. */
  static final int BAD_FLAGS = 2;

  private final Settings.Builder spec =
      Settings.command("binlogctl", "shows and changes the state of Pumps and Drainers")
          .positionalExitCode(BAD_FLAGS)
          .example("binlogctl -pd-urls=http://127.0.0.1:2379 -cmd pumps")
          .example("binlogctl -pd-urls=http://127.0.0.1:2379 -cmd drainers -show-offline-nodes")
          .example("binlogctl -pd-urls=http://127.0.0.1:2379 -cmd generate_meta -time-zone Local")
          .example("binlogctl -pd-urls=http://127.0.0.1:2379 -cmd pause-pump -node-id host:8250")
          .example(
              "binlogctl -pd-urls=http://127.0.0.1:2379 -cmd offline-drainer -node-id host:8249")
          .example(
              "binlogctl -pd-urls=http://127.0.0.1:2379 -cmd update-pump -node-id host:8250"
                  + " -state offline")
          .example("binlogctl -cmd encrypt -text 'the password'")
          .example("BINLOG_SECRET_KEY=… binlogctl -cmd encrypt -cipher gcm -text 'the password'");

  final Option<String> command =
      spec.option(Kind.STRING, "pumps")
          .flag("cmd")
          .doc(
              "what to do: generate_meta, pumps, drainers, update-pump, update-drainer, pause-pump,"
                  + " pause-drainer, offline-pump, offline-drainer, encrypt")
          .add();
  final Option<String> dataDir =
      text("data-dir", "binlog_position", "folder of the savepoint that generate_meta writes");
  final Option<String> nodeId = text("node-id", "", "id of a Pump or Drainer, as listed");
  final Option<String> pdUrls =
      text("pd-urls", "http://127.0.0.1:2379", "comma-separated list of PD endpoints");
  final Option<String> sslCa = text("ssl-ca", "", "PEM file of trusted authorities; turns TLS on");
  final Option<String> sslCert = text("ssl-cert", "", "PEM file of our certificate");
  final Option<String> sslKey = text("ssl-key", "", "PEM file of our private key");
  final Option<String> state =
      text("state", "", "state for update-*: online, pausing, paused, closing, offline");
  final Option<String> timeZone =
      text("time-zone", "", "adds the time in this zone to the savepoint, e.g. Asia/Shanghai");
  final Option<Boolean> showOffline =
      spec.option(Kind.BOOL, false).flag("show-offline-nodes").doc("list offline nodes too").add();
  final Option<String> plainText = text("text", "", "text that encrypt encrypts");
  final Option<String> cipher =
      text(
          "cipher",
          "cfb",
          "how encrypt does it: cfb is read by every drainer; gcm needs BINLOG_SECRET_KEY and is"
              + " read by drainers of this edition, which refuse it when it was changed");

  private final Settings settings = spec.build();

  private Option<String> text(String flag, String fallback, String doc) {
    return spec.option(Kind.STRING, fallback).flag(flag).doc(doc).add();
  }

  Values parse(List<String> arguments) {
    return settings.parse(arguments, Map.of());
  }

  TlsSettings tls(Values values) {
    return new TlsSettings(values.get(sslCa), values.get(sslCert), values.get(sslKey), List.of());
  }
}
