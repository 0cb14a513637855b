package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostPortTest {

    private static final String LABEL_63 = "a".repeat(63);

    @ParameterizedTest(name = "{0} is host {1}, port {2}, printed {3}")
    @CsvSource({
        "localhost:1337, localhost, 1337, localhost:1337",
        "1.2.3.4:9999, 1.2.3.4, 9999, 1.2.3.4:9999",
        "[::1]:1234, ::1, 1234, [::1]:1234",
        "example.com:1, example.com, 1, example.com:1",
        "example.com:65535, example.com, 65535, example.com:65535",
        "EXAMPLE.Com.:443, example.com., 443, example.com.:443",
        "_dmarc.my_host.example:53, _dmarc.my_host.example, 53, _dmarc.my_host.example:53",
        "xn--bcher-kva.example:443, xn--bcher-kva.example, 443, xn--bcher-kva.example:443",
        "1e100.net:80, 1e100.net, 80, 1e100.net:80",
        "4.example:80, 4.example, 80, 4.example:80",
        "3com:80, 3com, 80, 3com:80",
        "[2001:DB8:0:0:0:0:0:1]:443, 2001:db8::1, 443, [2001:db8::1]:443",
        "[::ffff:127.0.0.1]:80, 127.0.0.1, 80, 127.0.0.1:80"
    })
    void parsesAuthorities(String authority, String host, int port, String printed)
            throws Exception {
        HostPort parsed = HostPort.parse(authority);
        assertThat(parsed).isEqualTo(new HostPort(host, port)).hasToString(printed);
        assertThat(parsed.host()).isEqualTo(host);
        assertThat(HostPort.parse(printed)).isEqualTo(parsed);
    }

    @ParameterizedTest(name = "refuses port \"{0}\"")
    @ValueSource(
            strings = {
                "0",
                "65536",
                "99999",
                "70000",
                "foobar",
                "+80",
                "-1",
                "080x",
                "080",
                " 80",
                "80 ",
                "",
                "4294967376",
                "99999999999999999999",
                "\u0661",
                "0x50",
                "8\u00000"
            })
    void refusesPorts(String port) {
        assertThatThrownBy(() -> HostPort.of("example.com", port))
                .isInstanceOf(WireFormatException.class);
        assertThatThrownBy(() -> HostPort.parse("example.com:" + port))
                .isInstanceOf(WireFormatException.class);
    }

    @ParameterizedTest(name = "refuses host \"{0}\"")
    @ValueSource(
            strings = {
                "",
                ".",
                "-bad",
                "bad-.example",
                "spaces in.host",
                "a..b",
                ".a",
                "a..",
                "a%20b",
                "fe80::1%eth0",
                "fe80::a%25ee1",
                "[::1]",
                "user@host",
                "host/path",
                "h\u00e9.example",
                "\uff11.example\u3002com",
                "a\u0000b",
                "a\r\nb",
                "*",
                "a,b",
                "\u212aelvin.example",
                "0x7f.1",
                "127.1",
                "2130706433",
                "017700000001",
                "0x7f000001",
                "0X7F.0.0.1",
                "0x",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.4.",
                "example.127",
                "a.0x1",
                "1..2.3",
                "1:2",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                ":::",
                "12345::",
                "::1.2.3",
                "1.2.3.4::",
                "::1.2.3.4:5",
                "::g"
            })
    void refusesHosts(String host) {
        assertThatThrownBy(() -> HostPort.of(host, "80")).isInstanceOf(WireFormatException.class);
        assertThatThrownBy(() -> new HostPort(host, 80))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest(name = "refuses authority \"{0}\"")
    @ValueSource(
            strings = {
                "abc",
                "",
                ":",
                ":80",
                "example.com",
                "example.com:",
                "::1:80",
                "[::1]",
                "[::1]80",
                "[::1]:",
                "[]:80",
                "[1.2.3.4]:80",
                "[example.com]:80",
                "[::1:80",
                "::1]:80",
                "[[::1]]:80",
                "[fe80::1%25eth0]:80",
                "user@example.com:80",
                "user:pw@host:80",
                "https://example.com:80",
                "example.com:80:80",
                "127.1:80"
            })
    void refusesAuthorities(String authority) {
        assertThatThrownBy(() -> HostPort.parse(authority)).isInstanceOf(WireFormatException.class);
    }

    @Test
    void refusesEveryPrefixOfAnAuthorityThatLacksThePort() {
        for (String whole :
                new String[] {"example.com:443", "[2001:db8::1]:443", "192.0.2.1:443"}) {
            for (int end = 0; end <= whole.lastIndexOf(':') + 1; end++) {
                String prefix = whole.substring(0, end);
                assertThatThrownBy(() -> HostPort.parse(prefix))
                        .as(prefix)
                        .isInstanceOf(WireFormatException.class);
            }
        }
    }

    @Test
    void boundsLabelsAndNames() throws Exception {
        String name = String.join(".", LABEL_63, LABEL_63, LABEL_63, "a".repeat(61));
        assertThat(HostPort.of(name, "80").host()).hasSize(253);
        assertThat(HostPort.of(name + ".", "80").host()).hasSize(254);
        assertThatThrownBy(() -> HostPort.of(name + "a", "80"))
                .isInstanceOf(WireFormatException.class);
        assertThatThrownBy(() -> HostPort.of(LABEL_63 + "a", "80"))
                .isInstanceOf(WireFormatException.class);
        assertThatThrownBy(() -> HostPort.parse("a".repeat(1_000_000) + ":80"))
                .isInstanceOf(WireFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesPortsOfProgrammers(int port) {
        assertThatThrownBy(() -> new HostPort("example.com", port))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void neverShowsTheTargetInAMessage() {
        assertThatThrownBy(() -> HostPort.parse("secret target.example:443"))
                .hasMessageNotContaining("secret");
    }

    @Test
    void knowsItsAddressWithoutAResolver() throws Exception {
        assertThat(HostPort.parse("192.0.2.1:80").literal().orElseThrow().getAddress())
                .containsExactly(192, 0, 2, 1);
        assertThat(HostPort.parse("localhost:80").literal()).isEmpty();
    }
}
