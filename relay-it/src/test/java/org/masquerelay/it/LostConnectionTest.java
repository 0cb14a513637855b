package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

/// A client that sends all it has to a slow target, says FIN, and closes its connection.
@Timeout(120)
final class LostConnectionTest {
    /// The egress takes little before its target reads.
    private static final List<String> EGRESS =
            List.of(
                    "--relay.egress.allow-private=true",
                    "--relay.listeners[0].connection.stream-window=128KB");

    /// More than its kernel takes, too: so the ingress has a good part of it when all is sent.
    private static final int LENGTH = 7 * 1024 * 1024;

    /// And so a client may send all of it.
    private static final String WIDE = "--relay.listeners[0].connection.stream-window=8MB";

    private static final String PATIENT = "--relay.drain.connection-timeout=1m";

    @TempDir Path directory;
    private final byte[] sent = new byte[LENGTH];
    private ServerSocket slow;

    @BeforeEach
    void listen() throws IOException {
        new Random(1).nextBytes(sent);
        slow = new ServerSocket();
        slow.setReceiveBufferSize(8 * 1024);
        slow.setSoTimeout(10_000);
        slow.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void stopListening() throws IOException {
        slow.close();
    }

    @DisplayName("R4 9110 9.3.6: what a client had finished reaches its target")
    @ParameterizedTest(name = "{displayName}, over {0} and {1}")
    @CsvSource({"H3, h3", "H2, h3", "H3, h2"})
    void deliversEveryByteAndFin(HttpVersion version, String next) throws Exception {
        try (var targets = new Targets();
                var hops = start(PATIENT, "--relay.upstream.transports=" + next);
                var target = upload(hops, targets, version)) {
            assertThat(target.getInputStream().readAllBytes()).isEqualTo(sent);
            target.close();
            Await.until("the tunnel ends", () -> tunnels(hops.ingressMeters()) == 0);
            Await.until("and at the egress", () -> tunnels(hops.egressMeters()) == 0);
        }
    }

    @DisplayName("R4 9110 9.3.6: so it does from an egress that its client has left")
    @ParameterizedTest(name = "{displayName}, over {0}")
    @EnumSource(names = {"H3", "H2"})
    void deliversWhatTheEgressHadNotRead(HttpVersion version) throws Exception {
        try (var targets = new Targets();
                var egress =
                        OneHop.start(
                                directory,
                                List.of("--relay.egress.allow-private=true", WIDE, PATIENT))) {
            var pki = DevelopmentPki.open(directory, Clock.systemUTC());
            Socket target;
            try (var relay = egress.connect(pki.ingressUpstream(), version)) {
                var tunnel = relay.openTcp(address(), HeaderFields.NONE);
                target = accept();
                send(tunnel, relay.openTcp(targets.tcp(), HeaderFields.NONE));
            }
            try (target) {
                Await.until("one tunnel lingers", () -> egress.activeTunnels() == 1);
                assertThat(target.getInputStream().readAllBytes()).isEqualTo(sent);
            }
            Await.until("the tunnel ends", () -> egress.activeTunnels() == 0);
        }
    }

    @Test
    void resetsATargetThatTakesTooLong() throws Exception {
        try (var targets = new Targets();
                var hops = start("--relay.drain.connection-timeout=3s");
                var target = upload(hops, targets, HttpVersion.H3)) {
            Await.until("the time is over", () -> tunnels(hops.ingressMeters()) == 0);
            assertReset(target);
            Await.until("no tunnel is left", () -> tunnels(hops.egressMeters()) == 0);
        }
    }

    @Test
    void resetsTheTargetAtOnceWithoutATime() throws Exception {
        try (var targets = new Targets();
                var hops = start("--relay.drain.connection-timeout=0");
                var target = upload(hops, targets, HttpVersion.H3, 0)) {
            assertReset(target);
            Await.until("no tunnel is left", () -> tunnels(hops.egressMeters()) == 0);
        }
    }

    @Test
    void lingersNoLongerThanTheRelayItself() throws Exception {
        try (var targets = new Targets();
                var hops = start("--relay.drain.connection-timeout=1h");
                var target = upload(hops, targets, HttpVersion.H3)) {
            hops.stopIngress(); // Its drain takes a second.
            assertReset(target);
            Await.until("no tunnel is left", () -> tunnels(hops.egressMeters()) == 0);
        }
    }

    private TwoHops start(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.add(WIDE);
        return TwoHops.start(directory, EGRESS, all);
    }

    private Socket upload(TwoHops hops, Targets targets, HttpVersion version) throws Exception {
        return upload(hops, targets, version, 1);
    }

    /// What a client has uploaded and finished when its connection is gone, and of which the target
    /// has read nothing. At most so many tunnels are left then.
    private Socket upload(TwoHops hops, Targets targets, HttpVersion version, int left)
            throws Exception {
        Socket target;
        try (var relay = hops.connect(version)) {
            var paying = hops.paying(relay);
            var tunnel = paying.openTcp(address());
            target = accept();
            send(tunnel, paying.openTcp(targets.tcp()));
            assertThat(tunnels(hops.ingressMeters())).isEqualTo(2);
        }
        // The other one, whose client had not finished, is reset.
        Await.until("the connection is lost", () -> tunnels(hops.ingressMeters()) <= left);
        return target;
    }

    private HostPort address() {
        return new HostPort("127.0.0.1", slow.getLocalPort());
    }

    private Socket accept() throws IOException {
        var target = slow.accept();
        target.setSoTimeout(10_000);
        return target;
    }

    /// Sends all of it. Streams share the connection: when as much has gone through the tunnel
    /// `beside` it, and come back, the ingress has it.
    private void send(TcpTunnel tunnel, TcpTunnel beside) throws IOException {
        tunnel.output().write(sent);
        tunnel.output().close();
        var part = new byte[16 * 1024];
        for (int passed = 0; passed < LENGTH; passed += part.length) {
            beside.output().write(part);
            assertThat(beside.input().readNBytes(part.length)).hasSize(part.length);
        }
    }

    private static double tunnels(MeterRegistry meters) {
        return TwoHops.gauge(meters, "masque.tunnels.active");
    }

    private static void assertReset(Socket target) {
        assertThatThrownBy(() -> target.getInputStream().readAllBytes())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }
}
