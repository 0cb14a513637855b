package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HttpVersion;

/// An ingress whose egress drains: it leaves the connections that it was asked to leave, and the
/// tunnels on them stay.
@Timeout(90)
final class DrainedEgressTest {
    @TempDir Path directory;

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    @DisplayName("case 44: connections to an egress that drains are replaced, their tunnels go on")
    void replacesConnectionsAndKeepsTheirTunnels(HttpVersion upstream) throws Exception {
        var egress = List.of("--relay.egress.allow-private=true");
        var ingress =
                List.of(
                        "--relay.event-loops=1",
                        "--relay.upstream.transports=" + upstream.tag(),
                        "--relay.upstream.pool.idle-timeout=60s");
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, egress, ingress);
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var running = paying.openUdp(targets.udp());
            assertEchoes(running);
            var drain = hops.egressBean(Drain.class);

            drain.start("main", Instant.now(), "test");
            for (int i = 0; i < 3; i++) {
                var refused =
                        catchThrowableOfType(
                                TunnelRefusedException.class, () -> paying.openUdp(targets.udp()));
                assertThat(refused.status()).isEqualTo(503);
            }
            assertEchoes(running);

            drain.undo("main");
            // Neither the connection of before nor those that were refused during the drain.
            var next = paying.openUdp(targets.udp());
            assertEchoes(next);
            assertEchoes(running);
            if (upstream == HttpVersion.H3) {
                Await.until(
                        "those without a tunnel are gone", () -> hops.upstreamConnections() == 2);
                running.close();
                Await.until(
                        "that of the first tunnel is gone", () -> hops.upstreamConnections() == 1);
            }
            assertEchoes(next);
        }
    }

    private static void assertEchoes(UdpTunnel tunnel) throws IOException {
        tunnel.send("ping".getBytes(UTF_8));
        assertThat(tunnel.receive(Duration.ofSeconds(10))).isPresent();
    }
}
