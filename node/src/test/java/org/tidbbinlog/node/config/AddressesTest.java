package org.tidbbinlog.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.OperatorException;

class AddressesTest {
  @Test
  @DisplayName("pump fact 7: a PD url without scheme is refused")
  void pdUrls_pumpRules() {
    assertThat(Addresses.requirePdUrls("http://a:2379, https://[::1]:2379"))
        .containsExactly("http://a:2379", "https://[::1]:2379");
    for (String bad :
        new String[] {"127.0.0.1:2379", "http://a", "http://a:1/", "ftp://a:1", "", "http://a:x"}) {
      assertThatThrownBy(() -> Addresses.requirePdUrls(bad))
          .as(bad)
          .hasMessageStartingWith("parse EtcdURLs error: ");
    }
  }

  @Test
  @DisplayName("binlogctl fact 15: a PD address with and without scheme")
  void pdUrls_toolRules() {
    assertThat(Addresses.requirePdUrlsOrHostPorts("127.0.0.1:2379,https://b:2379"))
        .containsExactly("http://127.0.0.1:2379", "https://b:2379");
    assertThatThrownBy(() -> Addresses.requirePdUrlsOrHostPorts("ftp://x:1"))
        .hasMessageContaining("scheme");
  }

  @Test
  @DisplayName("pump fact 6: an advertised address must be one to dial")
  void advertise_wildcard_isRefused() {
    assertThatThrownBy(() -> Addresses.requireAdvertise("0.0.0.0:8250"))
        .hasMessage("invalid advertiseAddr host: 0.0.0.0");
    assertThatThrownBy(() -> Addresses.requireAdvertise(":8250"))
        .hasMessage("invalid advertiseAddr host: ");
    assertThatThrownBy(() -> Addresses.requireAdvertise("host"))
        .hasMessageStartingWith("bad AdvertiseAddr host format: ");
    assertThatThrownBy(() -> Addresses.requireListen("host"))
        .hasMessageStartingWith("bad ListenAddr host format: ");
    assertThat(Addresses.requireListen(":8250").port()).isEqualTo(8250);
    assertThat(Addresses.firstIpv4()).matches("\\d+\\.\\d+\\.\\d+\\.\\d+");
  }

  @Test
  void pushgateway_isNothingOrHostPortOrUrl() {
    for (String good : new String[] {"", "gateway:9091", "127.0.0.1:9091", "https://g/prefix"}) {
      assertThat(Addresses.requirePushgateway(good)).isEqualTo(good);
    }
    for (String bad : new String[] {"a b", "http://", "ftp://g:1", ":9091", "g:port"}) {
      assertThatThrownBy(() -> Addresses.requirePushgateway(bad))
          .as(bad)
          .isInstanceOf(OperatorException.class)
          .hasMessageStartingWith("metrics-addr is \"" + bad + "\"");
    }
  }
}
