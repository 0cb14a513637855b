package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.ConnectTcp;
import org.masquerelay.http.FrontLimits;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.transport.TlsProvider;
import org.masquerelay.tunnel.HttpVersion;

final class FrontsTest {
    @Test
    void servesEveryVersionByDefault() {
        var front = fronts(Map.of("port", "4443")).getFirst();

        assertThat(front.name()).isEqualTo("main");
        assertThat(front.versions()).containsExactlyInAnyOrder(HttpVersion.values());
        assertThat(front.offer().connectTcp().forms()).isEqualTo(ConnectTcp.DRAFTS);
        assertThat(front.offer().connectTcp().templates()).hasSize(1);
        assertThat(front.offer().bind()).isFalse();
        assertThat(front.limits()).isEqualTo(FrontLimits.STANDARD.withTunnels(7));
        assertThat(front.tlsProvider()).isEqualTo(TlsProvider.AUTO);
        assertThat(front.address().getAddress().isAnyLocalAddress()).isTrue();
    }

    @Test
    void readsEverySettingOfAListener() {
        var settings = new HashMap<String, String>();
        settings.put("name", "edge");
        settings.put("address", "127.0.0.1");
        settings.put("port", "4443");
        settings.put("versions", "h2,h1");
        settings.put("authorities", "Relay.Example");
        settings.put("tls-provider", "jdk");
        settings.put("max-connections", "20");
        settings.put("max-connections-per-address", "2");
        settings.put("limits.max-header-size", "64KB");
        settings.put("limits.max-header-fields", "50");
        settings.put("limits.handshake-timeout", "1s");
        settings.put("limits.header-timeout", "2s");
        settings.put("limits.idle-timeout", "3s");
        settings.put("connect-tcp[0].token", "connect-tcp-13");
        settings.put("connect-tcp[0].data-capsule", "0x2028d7f4");
        settings.put("connect-tcp[0].final-data-capsule", "539547637");

        var front = fronts(settings).getFirst();

        assertThat(front.name()).isEqualTo("edge");
        assertThat(front.versions()).containsExactlyInAnyOrder(HttpVersion.H2, HttpVersion.H1);
        assertThat(front.offer().authorities()).containsExactly("relay.example");
        assertThat(front.offer().connectTcp().forms())
                .containsExactly(new ConnectTcp.Form("connect-tcp-13", 0x2028d7f4L, 0x2028d7f5L));
        assertThat(front.tlsProvider()).isEqualTo(TlsProvider.JDK);
        assertThat(front.limits())
                .isEqualTo(
                        new FrontLimits(
                                7,
                                20,
                                2,
                                64 * 1024,
                                50,
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(600)));
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource({
        "limits.max-header-size, 65KB, is not a size that works",
        "limits.max-header-size, 1000B, is not a size that works",
        "versions, 'h3,h2,h3', names h3 twice",
        "address, relay.example, is not an IP address",
    })
    void saysWhichValueCannotBeUsed(String name, String value, String problem) {
        assertThatThrownBy(() -> fronts(Map.of("port", "4443", name, value)))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.listeners[0]." + name + " " + problem);
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @CsvSource({
        "connect tcp, 0x10, 0x20, .token is not an upgrade token for TCP",
        "connect-udp, 0x10, 0x20, .token is not an upgrade token for TCP",
        "connect-tcp, 0x10, 0x10, ' has capsule types that mean something else already'",
        "connect-tcp, 0, 0x10, ' has capsule types that mean something else already'",
        "connect-tcp, 0x10, 0x00, ' has capsule types that mean something else already'",
        "connect-tcp, y, 0x20, .data-capsule is not a capsule type",
        "connect-tcp, 0x10, y, .final-data-capsule is not a capsule type",
    })
    void saysWhatIsWrongWithAFormOfConnectTcp(
            String token, String data, String finalData, String problem) {
        var settings = form(0, token, data, finalData);
        settings.put("port", "4443");

        assertThatThrownBy(() -> fronts(settings))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.listeners[0].connect-tcp[0]" + problem);
    }

    @Test
    void refusesOneTokenForTwoForms() {
        var settings = form(0, "connect-tcp", "0x10", "0x11");
        settings.putAll(form(1, "connect-tcp", "0x20", "0x21"));
        settings.put("port", "4443");

        assertThatThrownBy(() -> fronts(settings))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.listeners[0].connect-tcp[1].token is that of another entry too");
    }

    @Test
    void needsTheCapsuleTypesOfWhatItServes() {
        var drafts = new ArrayList<Long>();
        drafts.add(0x00L);
        ConnectTcp.DRAFTS.forEach(form -> drafts.addAll(List.of(form.data(), form.finalData())));

        assertThat(types(Map.of())).hasSameElementsAs(drafts);
        assertThat(types(Map.of("tcp-templates", ""))).containsExactly(0x00L);
        assertThat(types(Map.of("tcp-templates", "", "udp-bind", "true")))
                .containsExactlyInAnyOrder(0x00L, 0x11L, 0x12L, 0x13L);
        assertThat(types(form(0, "connect-tcp", "0x20", "0x21")))
                .containsExactlyInAnyOrder(0x00L, 0x20L, 0x21L);
    }

    @Test
    void wantsANameForEachListener() {
        assertThatThrownBy(() -> fronts(Map.of("port", "4443"), Map.of("port", "4444")))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.listeners[1].name is that of relay.listeners[0] too");
    }

    @ParameterizedTest(name = "{0} {1} and {2} {3}")
    @CsvSource({
        "'h3,h2,h1', '*',       'h3,h2,h1', '*',       UDP",
        "'h3,h2',    '*',       'h1',       '*',       TCP",
        "'h2',       '*',       'h1',       '*',       TCP",
        "'h3',       127.0.0.1, 'h3',       127.0.0.1, UDP",
        "'h3',       '*',       'h3',       127.0.0.1, UDP",
        "'h3',       127.0.0.1, 'h3',       0.0.0.0,   UDP",
        "'h3',       ::1,       'h3',       '*',       UDP",
        "'h3',       0.0.0.0,   'h3',       '*',       UDP",
    })
    void refusesTwoListenersInOnePlace(
            String versions, String address, String others, String other, String protocol) {
        assertThatThrownBy(() -> pair(versions, address, others, other))
                .isInstanceOf(BadSettingException.class)
                .hasMessage(
                        "relay.listeners[1].port is on "
                                + protocol
                                + " where relay.listeners[0] listens already");
    }

    @ParameterizedTest(name = "{0} {1} and {2} {3}")
    @CsvSource({
        "'h3', '*',       'h2,h1', '*'",
        "'h1', 127.0.0.1, 'h3',    '*'",
        "'h3', 127.0.0.1, 'h3',    ::1",
        "'h3', 0.0.0.0,   'h3',    ::1",
    })
    void takesTwoListenersThatShareNothingButAPort(
            String versions, String address, String others, String other) {
        assertThatCode(() -> pair(versions, address, others, other)).doesNotThrowAnyException();
    }

    @Test
    void takesListenersOnPortsOfTheirOwn() {
        assertThat(fronts(Map.of("port", "1", "name", "a"), Map.of("port", "2", "name", "b")))
                .hasSize(2);
        assertThat(fronts(Map.of("port", "0", "name", "a"), Map.of("port", "0", "name", "b")))
                .hasSize(2);
    }

    private static void pair(String versions, String address, String others, String other) {
        fronts(
                Map.of("name", "a", "port", "4443", "versions", versions, "address", address),
                Map.of("name", "b", "port", "4443", "versions", others, "address", other));
    }

    private static Map<String, String> form(int i, String token, String data, String finalData) {
        var settings = new HashMap<String, String>();
        settings.put("connect-tcp[" + i + "].token", token);
        settings.put("connect-tcp[" + i + "].data-capsule", data);
        settings.put("connect-tcp[" + i + "].final-data-capsule", finalData);
        return settings;
    }

    private static java.util.Set<Long> types(Map<String, String> settings) {
        var withPort = new HashMap<>(settings);
        withPort.put("port", "4443");
        return new Fronts(List.of(Bound.to(ListenerProperties.class, withPort))).capsuleTypes();
    }

    @SafeVarargs
    private static List<FrontSettings> fronts(Map<String, String>... listeners) {
        var bound = new ArrayList<ListenerProperties>();
        for (var listener : listeners) {
            bound.add(Bound.to(ListenerProperties.class, listener));
        }
        return new Fronts(bound)
                .toSettings("relay", 7, CapsulePolicy.STANDARD, ClientCertificates.IGNORED);
    }
}
