package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.http.Transports;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

/// Who gets to see what: everything that passes between the hops and that they write down is
/// searched for the target's name and address, and for the client's address.
@Timeout(300)
final class NestedPrivacyTest {
    private static final String TARGET_NAME = "secret-target.nested-privacy.test";

    /// Loopback addresses that nothing else here has.
    private static final String TARGET_ADDRESS = "127.83.171.219";

    private static final String CLIENT_ADDRESS = "127.94.203.187";

    private static final String PAYLOAD = "what the client and its target have to say";

    /// In the credentials of a request that has some.
    private static final String PRIVATE = "PrivateToken token=";

    private static final List<String> OBSERVED =
            List.of(
                    "--logging.level.org.masquerelay=trace",
                    "--spring.main.sources=" + RequestRecorder.class.getName());

    @TempDir Path directory;

    private enum Mode {
        CHAINED,
        NESTED
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void nobodyButTheEgressSeesTheTargetInNestedMode(HttpVersion outer) throws Exception {
        observe(Mode.NESTED, outer);
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void theEgressSeesNoClientInChainedModeEither(HttpVersion outer) throws Exception {
        observe(Mode.CHAINED, outer);
    }

    private void observe(Mode mode, HttpVersion outer) throws Exception {
        var printed = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(new Both(out, printed), true, UTF_8));
        try (var target = new Target();
                var dns = DnsServer.start();
                var clientSide = Wiretap.start(InetAddress.getByName(CLIENT_ADDRESS));
                var between = Wiretap.start(InetAddress.getLoopbackAddress());
                var hops = TwoHops.start(directory, egress(dns), ingress(), between.port())) {
            dns.addresses(TARGET_NAME, TARGET_ADDRESS);
            clientSide.leadTo(hops.ingressPort());
            between.leadTo(hops.egressPort());
            var first = hops.settings(clientSide.port()).with(Transports.only(outer));
            try (var relay = connect(mode, first, hops.settings(between.port()))) {
                var paying = mode == Mode.NESTED ? hops.payingEgress(relay) : hops.paying(relay);
                carry(paying, new HostPort(TARGET_NAME, target.port()));
            }
            assertThat(target.heard()).as("the search finds what is there").contains(PAYLOAD);
            checkRequests(mode, hops);

            assertThat(clientSide.total()).as("it all passed by here").isPositive();
            assertThat(between.total()).as("and by here").isPositive();
            for (var tap : List.of(clientSide, between)) {
                assertThat(tap.saw(PAYLOAD.getBytes(UTF_8))).isFalse();
                assertThat(tap.saw(TARGET_NAME.getBytes(UTF_8))).isFalse();
                assertThat(tap.saw(TARGET_ADDRESS.getBytes(UTF_8))).isFalse();
                assertThat(tap.saw(InetAddress.getByName(TARGET_ADDRESS).getAddress())).isFalse();
            }
            assertThat(between.saw(CLIENT_ADDRESS.getBytes(UTF_8))).isFalse();
            assertThat(between.saw(InetAddress.getByName(CLIENT_ADDRESS).getAddress())).isFalse();

            // Both relays log here; what neither of them logs, the other does not either.
            var written =
                    printed.toString(UTF_8)
                            + meters(hops.ingressMeters())
                            + meters(hops.egressMeters());
            assertThat(written)
                    .contains("masque.tunnels.active")
                    .contains("Listening: main on")
                    .doesNotContain(TARGET_NAME, TARGET_ADDRESS, CLIENT_ADDRESS, PAYLOAD);
        } finally {
            System.setOut(out);
        }
    }

    private static List<String> egress(DnsServer dns) {
        var arguments = new ArrayList<>(TwoHops.NESTED_EGRESS);
        arguments.addAll(OBSERVED);
        arguments.add("--relay.egress.resolver.servers[0]=127.0.0.1:" + dns.address().getPort());
        return arguments;
    }

    private static List<String> ingress() {
        var arguments = new ArrayList<>(OBSERVED);
        arguments.add(TwoHops.PASSTHROUGH);
        return arguments;
    }

    private static ConnectedRelay connect(
            Mode mode, RelayClient.Settings ingress, RelayClient.Settings egress)
            throws IOException {
        return mode == Mode.NESTED
                ? ConnectedRelay.connectNested(ingress, egress)
                : ConnectedRelay.connect(ingress);
    }

    /// A tunnel that opens, one for UDP, and some that do not open: refusals say most.
    private static void carry(PaidTunnels paying, HostPort target) throws IOException {
        try (var tunnel = paying.openTcp(target)) {
            tunnel.output().write(PAYLOAD.getBytes(UTF_8));
            assertThat(tunnel.input().readNBytes(PAYLOAD.length()))
                    .asString(UTF_8)
                    .isEqualTo(PAYLOAD);
        }
        try (var tunnel = paying.openUdp(target)) {
            tunnel.send(PAYLOAD.getBytes(UTF_8));
        }
        for (var refused :
                List.of(
                        new HostPort(TARGET_ADDRESS, 1), // Where nothing listens.
                        new HostPort("other." + TARGET_NAME, 443), // Which has no address.
                        new HostPort(TARGET_NAME, 25))) { // A port that is denied.
            assertThatThrownBy(() -> paying.openTcp(refused).close())
                    .isInstanceOf(TunnelRefusedException.class);
        }
    }

    /// What the relays themselves read, without any encryption between them and us.
    private static void checkRequests(Mode mode, TwoHops hops) {
        var ofIngress = hops.ingressBean(RequestRecorder.class).text();
        var ofEgress = hops.egressBean(RequestRecorder.class).text();
        assertThat(ofIngress).as("the client comes by its own address").contains(CLIENT_ADDRESS);
        switch (mode) {
            case CHAINED ->
                    assertThat(ofIngress).as("the search finds it").contains(TARGET_NAME, PRIVATE);
            case NESTED -> {
                assertThat(ofIngress)
                        .contains("localhost", PRIVATE)
                        .doesNotContain(TARGET_NAME, TARGET_ADDRESS);
                assertThat(ofEgress).contains(TARGET_NAME, TARGET_ADDRESS, PRIVATE);
            }
        }
        assertThat(ofEgress).doesNotContain(CLIENT_ADDRESS);
    }

    /// Names and tags of all meters.
    private static String meters(MeterRegistry registry) {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().toString())
                .collect(Collectors.joining("\n"));
    }

    /// Echoes, and remembers what it has heard.
    private static final class Target implements AutoCloseable {
        private final ServerSocket socket;
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

        Target() throws IOException {
            socket = new ServerSocket();
            socket.bind(new InetSocketAddress(TARGET_ADDRESS, 0));
            Thread.ofVirtual().start(this::serve);
        }

        int port() {
            return socket.getLocalPort();
        }

        String heard() {
            return heard.toString(UTF_8);
        }

        private void serve() {
            try (Socket client = socket.accept()) {
                client.getInputStream().transferTo(new Both(client.getOutputStream(), heard));
            } catch (IOException _) {
                // Gone.
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /// Writes everything to two streams.
    private static final class Both extends OutputStream {
        private final OutputStream one;
        private final OutputStream other;

        Both(OutputStream one, OutputStream other) {
            this.one = one;
            this.other = other;
        }

        @Override
        public void write(int b) throws IOException {
            other.write(b);
            one.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            other.write(bytes, offset, length);
            one.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            one.flush();
        }
    }
}
