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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.tunnel.Drain;

/// Draining, of either hop: nothing new, nothing cut off.
@Timeout(90)
final class DrainTest {
    private static final List<String> PRIVATE = List.of("--relay.egress.allow-private=true");

    @TempDir Path directory;

    @DisplayName("case 15, case 44: a drain refuses new tunnels and keeps the others")
    @Test
    void refusesNewTunnelsAndLetsRunningOnesGoOnUntilUndone() throws Exception {
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, List.of());
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var running = paying.openUdp(targets.udp());
            for (var drain : List.of(hops.ingressBean(Drain.class), hops.egressBean(Drain.class))) {
                drain.start(Instant.EPOCH, "test");
                var refused =
                        catchThrowableOfType(
                                TunnelRefusedException.class, () -> paying.openUdp(targets.udp()));
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.fields().first("proxy-status").orElseThrow())
                        .contains("error=proxy_internal_error");
                assertEchoes(running);
                drain.undo();
                assertEchoes(paying.openUdp(targets.udp()));
            }
        }
    }

    @Test
    void waitsForRunningTunnelsBeforeItStops() throws Exception {
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, PRIVATE, List.of("--relay.drain.timeout=30s"));
                var relay = hops.connect()) {
            var paying = hops.paying(relay);
            var running = paying.openUdp(targets.udp());
            var stopping = Thread.ofPlatform().start(hops::stopIngress);
            Await.until("the ingress drains", hops.ingressBean(Drain.class)::isDraining);
            assertThat(
                            catchThrowableOfType(
                                            TunnelRefusedException.class,
                                            () -> paying.openUdp(targets.udp()))
                                    .status())
                    .isEqualTo(503);
            assertEchoes(running);
            assertThat(stopping.isAlive()).isTrue();
            running.close();
            assertThat(stopping.join(Duration.ofSeconds(10))).as("stops soon after").isTrue();
        }
    }

    @Test
    void cutsTunnelsOffWhenTheDrainTimeoutIsOver() throws Exception {
        try (var targets = new Targets();
                var hops =
                        TwoHops.start(directory, PRIVATE, List.of("--relay.drain.timeout=500ms"));
                var relay = hops.connect()) {
            var running = hops.paying(relay).openTcp(targets.tcp());
            hops.stopIngress();
            assertThat(catchThrowableOfType(IOException.class, () -> running.input().read()))
                    .isNotNull();
        }
    }

    private static void assertEchoes(UdpTunnel tunnel) throws IOException {
        tunnel.send("ping".getBytes(UTF_8));
        assertThat(tunnel.receive(Duration.ofSeconds(5))).isPresent();
    }
}
