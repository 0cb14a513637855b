package org.masquerelay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http3.Http3Settings;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawH3Server;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// RFC 9297, section 2, on the client: SETTINGS and QUIC datagrams of HTTP/3.
@Timeout(60)
final class H3ClientConformanceTest {
    private static final int H3_SETTINGS_ERROR = 0x109;
    private static final int H3_DATAGRAM_ERROR = 0x33;
    private static final int H3_REQUEST_REJECTED = 0x10b;
    private static final int H3_REQUEST_CANCELLED = 0x10c;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final byte[] PING = "ping".getBytes(UTF_8);

    private static DevelopmentPki pki;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void makeCertificates(@TempDir Path home) throws Exception {
        pki = DevelopmentPki.open(home.resolve("pki"), Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        threads.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static RelayClient connect(RawH3Server server, Duration timeout) throws IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", server.address().getPort()),
                        "localhost",
                        pki.client(),
                        UriTemplate.UDP,
                        timeout));
    }

    private Future<UdpTunnel> opening(RelayClient client) {
        return threads.submit(
                () -> client.openUdp(new HostPort("target.test", 7), HeaderFields.NONE));
    }

    private static UdpTunnel get(Future<UdpTunnel> opening) throws Exception {
        return opening.get(10, TimeUnit.SECONDS);
    }

    private Future<PlainResponse> posting(RelayClient client) {
        return threads.submit(() -> client.request("POST", "/token", HeaderFields.NONE, PING));
    }

    @Test
    @DisplayName("R4 9114 8.1: an ordinary request that was rejected is sent again elsewhere, once")
    void sendsARejectedRequestAgain() throws Exception {
        try (var server = RawH3Server.start(pki.ingressServer());
                var client = connect(server, PATIENCE)) {
            var answered = posting(client);
            server.nextStream().reset(H3_REQUEST_REJECTED);
            var again = server.next();
            assertThat(again.path()).isEqualTo("/token");
            assertThat(again.bytes(PING.length)).isEqualTo(PING);
            again.answer(204);
            again.finish();
            assertThat(answered.get(10, TimeUnit.SECONDS).status()).isEqualTo(204);

            var rejected = posting(client);
            server.nextStream().reset(H3_REQUEST_REJECTED);
            server.nextStream().reset(H3_REQUEST_REJECTED);
            assertThatThrownBy(() -> rejected.get(10, TimeUnit.SECONDS))
                    .hasMessageContaining("takes no more requests");
            assertThat(server.hasRequest()).isFalse();
        }
    }

    @Test
    @DisplayName("R4 9114 8.1: a request that was given up otherwise is not sent again")
    void sendsACancelledRequestOnce() throws Exception {
        try (var server = RawH3Server.start(pki.ingressServer());
                var client = connect(server, PATIENCE)) {
            var answered = posting(client);
            server.nextStream().reset(H3_REQUEST_CANCELLED);
            assertThatThrownBy(() -> answered.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IOException.class);
            assertThat(server.hasRequest()).isFalse();
        }
    }

    @ParameterizedTest(name = "R1 2.1.1: SETTINGS_H3_DATAGRAM = {0} is H3_SETTINGS_ERROR")
    @ValueSource(longs = {2, 1L << 40})
    void closesOnAWrongSetting(long value) throws Exception {
        try (var server = RawH3Server.startMute(pki.ingressServer())) {
            var connecting = threads.submit(() -> connect(server, PATIENCE));
            server.unidirectional(H3Bytes.controlStream(0x33, value, 0x8, 1));
            assertThat(server.closeCode()).isEqualTo(H3_SETTINGS_ERROR);
            assertThatThrownBy(() -> connecting.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    @DisplayName("R1 2.1.1: no request and no datagram is sent before the server's SETTINGS")
    void waitsForSettings() throws Exception {
        try (var server = RawH3Server.startMute(pki.ingressServer())) {
            // Long enough for the handshake on a busy machine.
            assertThatThrownBy(() -> connect(server, Duration.ofSeconds(2)))
                    .isInstanceOf(IOException.class);
            server.awaitConnection();
            assertThat(server.hasRequest()).isFalse();
            assertThat(server.hasDatagram()).isFalse();
        }
    }

    @Test
    @DisplayName("R4 9220 3: no request goes to a server that does not allow extended CONNECT")
    void asksNoServerWithoutExtendedConnect() throws Exception {
        var settings = new Http3Settings().qpackMaxTableCapacity(0).enableH3Datagram(true);
        try (var server = RawH3Server.start(pki.ingressServer(), settings)) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> connect(server, PATIENCE)).isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
            assertThat(server.hasRequest()).isFalse();
        }
    }

    @Test
    @DisplayName("R1 3.5, case 21: to a server without HTTP Datagrams it sends capsules")
    void sendsCapsulesWhereThereAreNoDatagrams() throws Exception {
        try (var server = RawH3Server.start(pki.ingressServer(), RawH3Server.relaySettings());
                var client = connect(server, PATIENCE)) {
            var opening = opening(client);
            var asked = server.next();
            asked.answer(200, "capsule-protocol", "?1");
            try (var tunnel = get(opening)) {
                tunnel.send(PING);
                assertThat(asked.bytes(7)).isEqualTo(CapsuleBytes.udp(PING));
                assertThat(server.hasDatagram()).isFalse();
                asked.send(CapsuleBytes.udp(PING));
                assertThat(tunnel.receive(PATIENCE)).contains(PING);
            }
        }
    }

    @Test
    @DisplayName("R1 2.1: a quarter stream ID that is longer than needed is stripped whole")
    void readsLongIntegers() throws Exception {
        try (var server = RawH3Server.start(pki.ingressServer());
                var client = connect(server, PATIENCE)) {
            var opening = opening(client);
            server.next().answer(200, "capsule-protocol", "?1");
            try (var tunnel = get(opening)) {
                server.datagram(H3Bytes.hex("4000" + "00" + "aabb"));
                assertThat(tunnel.receive(PATIENCE).orElseThrow()).containsExactly(0xaa, 0xbb);
                tunnel.send(PING);
                assertThat(server.nextDatagram()).startsWith(0, 0).endsWith(PING);
            }
        }
    }

    @Test
    @DisplayName("R1 2.1: datagrams after FIN are dropped, and none is sent behind our own")
    void dropsDatagramsAfterFin() throws Exception {
        try (var server = RawH3Server.start(pki.ingressServer());
                var client = connect(server, PATIENCE)) {
            var first = opening(client);
            var asked = server.next();
            asked.answer(200, "capsule-protocol", "?1");
            var ended = get(first);
            asked.finish();
            assertThatThrownBy(() -> ended.receive(PATIENCE)).isInstanceOf(IOException.class);
            server.datagram(H3Bytes.udpDatagram(0, PING));
            assertThatThrownBy(() -> ended.send(PING)).isInstanceOf(IOException.class);

            var second = opening(client);
            server.next().answer(200, "capsule-protocol", "?1");
            try (var tunnel = get(second)) {
                tunnel.send("next".getBytes(UTF_8));
                assertThat(server.nextDatagram()).startsWith(1, 0);
            }
        }
    }

    @ParameterizedTest(name = "R1 2.1: a datagram of {0} closes the connection")
    @ValueSource(strings = {"40", "d000000000000000"})
    void closesOnAMalformedDatagram(String datagram) throws Exception {
        try (var server = RawH3Server.start(pki.ingressServer());
                var client = connect(server, PATIENCE)) {
            assertThat(client).isNotNull();
            server.datagram(H3Bytes.hex(datagram));
            assertThat(server.closeCode()).isEqualTo(H3_DATAGRAM_ERROR);
        }
    }

    @Test
    @DisplayName("R2 6.1: the path carries an inner QUIC packet of 1200 bytes as a datagram")
    void carriesInnerQuicPackets() throws Exception {
        try (var server = RawH3Server.start(pki.ingressServer());
                var client = connect(server, PATIENCE)) {
            var opening = opening(client);
            server.next().answer(200, "capsule-protocol", "?1");
            try (var tunnel = get(opening)) {
                tunnel.send(new byte[1200]);
                assertThat(server.nextDatagram()).hasSize(1202);
            }
        }
    }
}
