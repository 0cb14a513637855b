package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;

/// A thousand datagram tunnels and two hundred byte tunnels at once, over as many connections as
/// there are loops.
final class ManyTunnelsTest {
    private static final int UDP_TUNNELS = 1000;
    private static final int TCP_TUNNELS = 200;
    private static final int CLIENTS = 6;

    @TempDir Path directory;

    @Test
    @DisplayName("case 38: many tunnels at once over two hops, all datagrams arrive")
    void carriesManyTunnelsWithoutMixingThemUpAndLeavesNothingBehind() throws Exception {
        var egress =
                List.of(
                        "--relay.event-loops=2",
                        "--relay.egress.allow-private=true",
                        "--relay.egress.max-tunnels-per-connection=4096");
        var ingress = List.of("--relay.event-loops=2", "--relay.upstream.pool.max-streams=4096");
        try (var targets = new Targets();
                var hops = TwoHops.start(directory, egress, ingress)) {
            exchange(hops, targets);
            Await.until(
                    "no tunnel is active",
                    () ->
                            TwoHops.gauge(hops.ingressMeters(), "masque.tunnels.active") == 0
                                    && TwoHops.gauge(hops.egressMeters(), "masque.tunnels.active")
                                            == 0);
            assertThat(TwoHops.gauge(hops.ingressMeters(), "quic.upstream.streams.active"))
                    .isZero();
        }
        LeakPresenceDetector.check();
    }

    private static void exchange(TwoHops hops, Targets targets) throws Exception {
        try (var crowd = new Crowd(hops)) {
            var udp = crowd.openUdp(UDP_TUNNELS, targets);
            var tcp = crowd.openTcp(TCP_TUNNELS, targets);
            assertThat(TwoHops.gauge(hops.ingressMeters(), "masque.tunnels.active"))
                    .isEqualTo(UDP_TUNNELS + TCP_TUNNELS);
            assertThat(
                            TwoHops.gauge(
                                    hops.ingressMeters(),
                                    "quic.connections.active",
                                    "role",
                                    "client"))
                    .as("one upstream connection per event loop")
                    .isBetween(1.0, 2.0);
            assertThat(TwoHops.gauge(hops.ingressMeters(), "quic.upstream.streams.active"))
                    .isEqualTo(UDP_TUNNELS + TCP_TUNNELS);
            crowd.inParallel(udp.size(), i -> echoDatagrams(udp.get(i), "udp tunnel " + i));
            crowd.inParallel(tcp.size(), i -> echoBytes(tcp.get(i), "tcp tunnel " + i + " "));
        }
    }

    private static void echoDatagrams(UdpTunnel tunnel, String text) throws IOException {
        for (int round = 0; round < 5; round++) {
            var payload = text + " round " + round;
            tunnel.send(payload.getBytes(UTF_8));
            var answer = tunnel.receive(Duration.ofSeconds(5));
            assertThat(answer).as(payload).isPresent();
            assertThat(answer.get()).asString(UTF_8).isEqualTo(payload);
        }
        tunnel.close();
    }

    private static void echoBytes(TcpTunnel tunnel, String text) throws IOException {
        var payload = text.repeat(2000).getBytes(UTF_8);
        Thread.ofVirtual()
                .start(() -> {
                    try (var output = tunnel.output()) {
                        output.write(payload);
                    } catch (IOException _) {
                        // The reader notices.
                    }
                });
        assertThat(tunnel.input().readAllBytes()).isEqualTo(payload);
        tunnel.close();
    }

    /// Several clients, each with a connection of its own.
    private static final class Crowd implements AutoCloseable {
        private final List<org.masquerelay.cli.token.ConnectedRelay> relays = new ArrayList<>();
        private final List<org.masquerelay.cli.token.PaidTunnels> paying = new ArrayList<>();

        Crowd(TwoHops hops) throws IOException {
            for (int i = 0; i < CLIENTS; i++) {
                var relay = hops.connect();
                relays.add(relay);
                paying.add(hops.paying(relay));
            }
        }

        List<UdpTunnel> openUdp(int count, Targets targets) throws Exception {
            return inParallelCalls(count, i -> paying.get(i % CLIENTS).openUdp(targets.udp()));
        }

        List<TcpTunnel> openTcp(int count, Targets targets) throws Exception {
            return inParallelCalls(count, i -> paying.get(i % CLIENTS).openTcp(targets.tcp()));
        }

        void inParallel(int count, Step step) throws Exception {
            inParallelCalls(
                    count,
                    i -> {
                        step.run(i);
                        return i;
                    });
        }

        private static <T> List<T> inParallelCalls(int count, Call<T> call) throws Exception {
            try (var threads = Executors.newFixedThreadPool(24)) {
                var calls = new ArrayList<Callable<T>>();
                for (int i = 0; i < count; i++) {
                    int index = i;
                    calls.add(() -> call.run(index));
                }
                var results = new ArrayList<T>();
                for (Future<T> result : threads.invokeAll(calls)) {
                    results.add(result.get());
                }
                return results;
            }
        }

        @Override
        public void close() {
            relays.forEach(org.masquerelay.cli.token.ConnectedRelay::close);
        }
    }

    private interface Step {
        void run(int index) throws Exception;
    }

    private interface Call<T> {
        T run(int index) throws Exception;
    }
}
