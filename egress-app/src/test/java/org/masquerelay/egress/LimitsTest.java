package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.egress.limit.RateSettings;
import org.masquerelay.egress.limit.Rates;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.Await;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// Rates and numbers of tunnels, by real sockets.
@Timeout(60)
final class LimitsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private static TestEgress start(Rates tunnel) throws Exception {
        return TestEgress.start(TestEgress.limited(new RateSettings(tunnel, Rates.NONE)));
    }

    @Test
    void dropsDatagramsBeyondTheRateOfATunnel() throws Exception {
        try (var egress = start(new Rates(1, 0, Duration.ofSeconds(20)));
                var target = new DatagramSocket(0, LOOPBACK);
                var client = egress.connect();
                var tunnel =
                        client.openUdp(
                                new HostPort("127.0.0.1", target.getLocalPort()),
                                HeaderFields.NONE)) {
            var received = new AtomicInteger();
            Thread.startVirtualThread(() -> count(target, received));
            for (int i = 0; i < 100; i++) {
                tunnel.send(new byte[] {1});
            }
            Await.until(
                    "each came or was dropped",
                    () -> received.get() + egress.listener().drops(DropReason.RATE_LIMITED) == 100);
            assertThat(received.get()).isBetween(20, 35);
        }
    }

    private static void count(DatagramSocket target, AtomicInteger received) {
        try {
            while (true) {
                target.receive(new DatagramPacket(new byte[2048], 2048));
                received.incrementAndGet();
            }
        } catch (IOException _) {
            // The test is over.
        }
    }

    @Test
    void slowsStreamsDownAndLosesNothing() throws Exception {
        var content = new byte[5_000_000];
        new Random(1).nextBytes(content);
        try (var egress = start(new Rates(0, 1_000_000, Duration.ofMillis(100)));
                var server = new ServerSocket(0, 1, LOOPBACK);
                var client = egress.connect();
                var tunnel =
                        client.openTcp(
                                new HostPort("127.0.0.1", server.getLocalPort()),
                                HeaderFields.NONE);
                var target = server.accept()) {
            long start = System.nanoTime();
            Thread.startVirtualThread(() -> {
                try (var out = target.getOutputStream()) {
                    out.write(content);
                } catch (IOException _) {
                    return; // The other side sees that something is missing.
                }
            });
            var received = tunnel.input().readNBytes(content.length);
            assertThat(received).isEqualTo(content);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThan(Duration.ofSeconds(3));
            assertThat(egress.listener().drops(DropReason.RATE_LIMITED)).isZero();
        }
    }

    @Test
    void takesNoMoreTunnelsThanItMay() throws Exception {
        try (var egress = TestEgress.startWithAtMost(1);
                var target = new DatagramSocket(0, LOOPBACK);
                var client = egress.connect()) {
            var to = new HostPort("127.0.0.1", target.getLocalPort());
            for (int i = 0; i < 2; i++) {
                try (var _ = client.openUdp(to, HeaderFields.NONE)) {
                    var refused =
                            catchThrowableOfType(
                                    TunnelRefusedException.class,
                                    () -> client.openUdp(to, HeaderFields.NONE));
                    assertThat(refused.status()).isEqualTo(503);
                    assertThat(refused.fields().first("retry-after")).contains("30");
                }
                egress.awaitNoTunnel();
            }
        }
    }

    @Test
    void closesUdpTunnelsToAPortWithATimeOfItsOwn() throws Exception {
        try (var dns = new DatagramSocket(0, LOOPBACK);
                var other = new DatagramSocket(0, LOOPBACK);
                var egress =
                        TestEgress.start(
                                TestEgress.timed(
                                        new EgressTimes(
                                                Duration.ofMinutes(2),
                                                Map.of(dns.getLocalPort(), Duration.ofSeconds(5)),
                                                Duration.ofMinutes(2),
                                                Duration.ofMinutes(2),
                                                Duration.ofSeconds(10))));
                var client = egress.connect()) {
            try (var _ = open(client, dns);
                    var _ = open(client, other)) {
                assertThat(egress.activeTunnels()).isEqualTo(2);
                Await.until("one tunnel is left", () -> egress.activeTunnels() == 1);
            }
        }
    }

    private static UdpTunnel open(RelayClient client, DatagramSocket target) throws Exception {
        return client.openUdp(new HostPort("127.0.0.1", target.getLocalPort()), HeaderFields.NONE);
    }

    @Test
    void givesTheTargetSoLongOnceTheClientHasFinished() throws Exception {
        try (var egress =
                        TestEgress.start(
                                TestEgress.timed(
                                        new EgressTimes(
                                                Duration.ofMinutes(2),
                                                Map.of(),
                                                Duration.ofMinutes(2),
                                                Duration.ofSeconds(10),
                                                Duration.ofSeconds(10))));
                var server = new ServerSocket(0, 2, LOOPBACK);
                var client = egress.connect()) {
            var to = new HostPort("127.0.0.1", server.getLocalPort());
            try (var tunnel = client.openTcp(to, HeaderFields.NONE);
                    var target = server.accept();
                    var _ = client.openTcp(to, HeaderFields.NONE);
                    var _ = server.accept()) {
                tunnel.output().close();
                assertThat(target.getInputStream().read()).as("the client's end").isEqualTo(-1);
                target.getOutputStream().write(7);
                assertThat(tunnel.input().read()).isEqualTo(7);
                assertThatThrownBy(() -> tunnel.input().read()).isInstanceOf(IOException.class);
                Await.until("one tunnel is left", () -> egress.activeTunnels() == 1);
            }
        }
    }
}
