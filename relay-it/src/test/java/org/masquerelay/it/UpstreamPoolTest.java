package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;

/// How tunnels share connections to the egress.
@Timeout(90)
final class UpstreamPoolTest {
    private static final List<String> PRIVATE =
            List.of("--relay.egress.allow-private=true", "--relay.event-loops=1");

    @TempDir Path directory;

    @DisplayName("case 55: tunnels to one egress share a connection")
    @Test
    void dialsOnceForTunnelsThatComeTogether() throws Exception {
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, List.of("--relay.event-loops=1"));
                var relay = hops.connect();
                var threads = Executors.newFixedThreadPool(16)) {
            var paying = hops.paying(relay);
            var opening = new ArrayList<Future<UdpTunnel>>();
            for (int i = 0; i < 32; i++) {
                opening.add(threads.submit(() -> paying.openUdp(targets.udp())));
            }
            for (var tunnel : opening) {
                assertEchoes(tunnel.get());
            }
            assertThat(hops.upstreamConnections()).isEqualTo(1);
        }
    }

    @Test
    void opensAnotherConnectionWhenOneIsFullAndRefusesWhenAllAre() throws Exception {
        var ingress =
                List.of(
                        "--relay.event-loops=1",
                        "--relay.upstream.pool.max-streams=2",
                        "--relay.upstream.pool.max-connections=2");
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, ingress);
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var tunnels = new ArrayList<UdpTunnel>();
            for (int i = 0; i < 4; i++) {
                tunnels.add(paying.openUdp(targets.udp()));
            }
            assertThat(hops.upstreamConnections()).isEqualTo(2);
            var refused =
                    catchThrowableOfType(
                            TunnelRefusedException.class, () -> paying.openUdp(targets.udp()));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.fields().first("proxy-status").orElseThrow())
                    .contains("error=connection_limit_reached");

            tunnels.getFirst().close();
            Await.until(
                    "a place is free",
                    () -> TwoHops.gauge(hops.ingressMeters(), "quic.upstream.streams.active") == 3);
            assertEchoes(paying.openUdp(targets.udp()));
            assertThat(hops.upstreamConnections()).isEqualTo(2);
        }
    }

    @Test
    void givesEveryTunnelItsOwnConnectionWithoutPooling() throws Exception {
        var ingress = List.of("--relay.event-loops=1", "--relay.upstream.pool.pooled=false");
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, ingress);
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var first = paying.openUdp(targets.udp());
            var second = paying.openUdp(targets.udp());
            assertEchoes(first);
            assertEchoes(second);
            assertThat(hops.upstreamConnections()).isEqualTo(2);
            first.close();
            Await.until("its connection is closed", () -> hops.upstreamConnections() == 1);
            assertEchoes(second);
        }
    }

    @Test
    void closesAConnectionThatHasNoTunnelsForTheIdleTime() throws Exception {
        var ingress = List.of("--relay.event-loops=1", "--relay.upstream.pool.idle-timeout=300ms");
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, ingress);
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var tunnel = paying.openUdp(targets.udp());
            assertEchoes(tunnel);
            assertThat(hops.upstreamConnections()).isEqualTo(1);
            tunnel.close();
            Await.until("the idle connection is closed", () -> hops.upstreamConnections() == 0);
            assertEchoes(paying.openUdp(targets.udp()));
        }
    }

    @Test
    void retiresAConnectionByCountWhileItsTunnelsGoOn() throws Exception {
        var ingress =
                List.of(
                        "--relay.event-loops=1",
                        "--relay.upstream.pool.max-tunnels-per-connection-lifetime=2");
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, ingress);
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var first = paying.openUdp(targets.udp());
            var second = paying.openUdp(targets.udp());
            var third = paying.openUdp(targets.udp());
            assertThat(hops.upstreamConnections()).isEqualTo(2);
            assertEchoes(first);
            assertEchoes(third);
            first.close();
            second.close();
            Await.until("the retired connection is closed", () -> hops.upstreamConnections() == 1);
            assertEchoes(third);
        }
    }

    @Test
    void retiresAConnectionByAge() throws Exception {
        var ingress = List.of("--relay.event-loops=1", "--relay.upstream.pool.max-age=1s");
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, ingress);
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var old = paying.openUdp(targets.udp());
            Await.until(
                    "the connection is old",
                    () -> {
                        try (var another = paying.openUdp(targets.udp())) {
                            assertEchoes(another);
                            return hops.upstreamConnections() == 2;
                        } catch (java.io.IOException failure) {
                            throw new java.io.UncheckedIOException(failure);
                        }
                    });
            assertEchoes(old);
        }
    }

    private static void assertEchoes(UdpTunnel tunnel) throws java.io.IOException {
        tunnel.send("ping".getBytes(UTF_8));
        assertThat(tunnel.receive(Duration.ofSeconds(5))).isPresent();
    }
}
