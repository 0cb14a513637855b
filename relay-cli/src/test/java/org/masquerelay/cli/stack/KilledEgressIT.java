package org.masquerelay.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.stack.Stack.Jars;
import org.masquerelay.cli.stack.Stack.PrivateTargets;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.cli.token.TokenFetcher;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// An egress that crashes during traffic: it says goodbye to nobody.
final class KilledEgressIT {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
    private static final Jars JARS =
            new Jars(
                    CHECKOUT.resolve("ingress-app/target/ingress-app-exec.jar"),
                    CHECKOUT.resolve("egress-app/target/egress-app-exec.jar"));

    @TempDir private Path directory = Path.of("");

    @Test
    @Timeout(180)
    void endsTheTunnelsOfItsClientsWithinSeconds() throws Exception {
        var settings =
                new Stack.Settings(
                        JARS, directory, Ports.free(), null, List.of(), Duration.ofSeconds(90));
        try (var stack = Stack.prepare(settings);
                var udpTarget = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var tcpTarget = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            stack.start(PrivateTargets.ALLOWED);
            try (var relay = connect(stack)) {
                var paying =
                        new PaidTunnels(
                                relay,
                                new TokenFetcher(relay, stack.ingressAddress(), Clock.systemUTC()));
                var udp = paying.openUdp(new HostPort("127.0.0.1", udpTarget.getLocalPort()));
                var tcp = paying.openTcp(new HostPort("127.0.0.1", tcpTarget.getLocalPort()));
                long killed = System.nanoTime();

                stack.killEgress();

                assertThatThrownBy(() -> sendUntilItEnds(udp)).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> tcp.input().read()).isInstanceOf(IOException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - killed))
                        .isLessThan(Duration.ofSeconds(10));
            }
        }
    }

    private static void sendUntilItEnds(UdpTunnel tunnel) throws IOException {
        while (true) {
            tunnel.send(new byte[100]);
            tunnel.receive(Duration.ofMillis(20));
        }
    }

    private static ConnectedRelay connect(Stack stack) throws IOException {
        var ingress = stack.ingressAddress();
        return ConnectedRelay.connect(
                new RelayClient.Settings(
                        ingress,
                        ingress.host(),
                        stack.clientTls(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(10)));
    }
}
