package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

/// Clients that talk HTTP/3 to the egress themselves, within a tunnel of the ingress.
@Timeout(120)
final class NestedModeTest {
    private static final int TCP_BYTES = 4_000_000;

    /// How a browser's QUIC connections begin.
    private static final int INITIAL_BYTES = 1250;

    @TempDir Path directory;

    private TwoHops start(String... more) {
        var ingress = new java.util.ArrayList<>(List.of(more));
        ingress.add(TwoHops.PASSTHROUGH);
        return TwoHops.start(directory, TwoHops.NESTED_EGRESS, ingress);
    }

    /// Tunnels of a relay that asks for no token; the token for the other one is paid within.
    private static UdpTunnel openUdp(
            org.masquerelay.cli.token.ConnectedRelay egress, HostPort target) throws IOException {
        return egress.openUdp(target, HeaderFields.NONE);
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void carriesBytesAndDatagramsOverEveryHttpVersion(HttpVersion outer) throws Exception {
        try (var targets = new Targets();
                var hops = start();
                var egress = hops.connectNested(outer)) {
            try (var tunnel = egress.openTcp(targets.tcp(), HeaderFields.NONE)) {
                assertThat(echoed(tunnel)).isEqualTo(TCP_BYTES);
            }
            try (var tunnel = openUdp(egress, targets.udp())) {
                assertEchoes(tunnel, new byte[INITIAL_BYTES]);
            }
            assertThat(TwoHops.gauge(hops.ingressMeters(), "masque.tunnels.active"))
                    .as("the ingress sees one tunnel, to the egress")
                    .isEqualTo(1);
            assertThat(hops.upstreamConnections()).as("nothing is chained").isZero();
        }
        LeakPresenceDetector.check();
    }

    private static long echoed(TcpTunnel tunnel) throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            executor.submit(
                    (Callable<Void>)
                            () -> {
                                for (int i = 0; i < TCP_BYTES / 50_000; i++) {
                                    tunnel.output().write(new byte[50_000]);
                                }
                                tunnel.output().close();
                                return null;
                            });
            return tunnel.input().transferTo(java.io.OutputStream.nullOutputStream());
        }
    }

    /// Datagrams can get lost on the way.
    private static void assertEchoes(UdpTunnel tunnel, byte[] payload) throws IOException {
        for (int i = 0; i < 20; i++) {
            tunnel.send(payload);
            var answer = tunnel.receive(Duration.ofMillis(500));
            if (answer.isPresent()) {
                assertThat(answer.get()).isEqualTo(payload);
                return;
            }
        }
        throw new AssertionError("no echo of " + payload.length + " bytes");
    }
}
