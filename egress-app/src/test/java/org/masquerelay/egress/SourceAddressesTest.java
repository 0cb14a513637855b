package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.Ticker;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.egress.source.AddressPool;
import org.masquerelay.egress.source.SourceAddressSelector;
import org.masquerelay.egress.source.SourceRule;
import org.masquerelay.egress.source.SourceRules;
import org.masquerelay.egress.source.Sources;
import org.masquerelay.egress.source.TargetSocketSupplier;
import org.masquerelay.observe.SourceExhaustion;
import org.masquerelay.testkit.Await;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.RestingFlows;
import org.masquerelay.transport.SourcePorts;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.IpPrefix;

/// Where tunnels start, on addresses of 127.0.0.0/8, which are all this machine's.
@Timeout(120)
final class SourceAddressesTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress FIXED = InetAddress.ofLiteral("127.66.0.1");

    private DatagramSocket target;

    @BeforeEach
    void open() throws Exception {
        target = new DatagramSocket(0, LOOPBACK);
        target.setSoTimeout(10_000);
    }

    @AfterEach
    void close() {
        target.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static Sources sources(AddressPool pool, Optional<SourcePorts> ports, Duration rest) {
        var rule = new SourceRule(Optional.of(pool), Optional.empty(), Optional.empty(), ports);
        SourceAddressSelector rules = new SourceRules(rule, Map.of(), new Random(7));
        return new Sources(
                rules,
                Optional.empty(),
                new RestingFlows(rest, 1000, Ticker.systemTicker()),
                Optional.empty());
    }

    private static Sources fixed(int firstPort, int lastPort, Duration rest) {
        return sources(
                AddressPool.of(FIXED), Optional.of(new SourcePorts(firstPort, lastPort)), rest);
    }

    private static Sources supplied(TargetSocketSupplier supplier) {
        return new Sources(
                Sources.SYSTEM.selector(),
                Optional.of(supplier),
                RestingFlows.NONE,
                Optional.empty());
    }

    private HostPort udp() {
        return new HostPort("127.0.0.1", target.getLocalPort());
    }

    private UdpTunnel tunnel(RelayClient client) throws Exception {
        return client.openUdp(udp(), HeaderFields.NONE);
    }

    private InetSocketAddress sourceOf(UdpTunnel tunnel) throws Exception {
        tunnel.send("hello".getBytes(UTF_8));
        var packet = new DatagramPacket(new byte[100], 100);
        target.receive(packet);
        target.send(packet);
        assertThat(tunnel.receive(Duration.ofSeconds(10))).isPresent();
        return (InetSocketAddress) packet.getSocketAddress();
    }

    @Test
    void drawsFromABlockForTcpAndUdp() throws Exception {
        var block = IpPrefix.parse("127.66.0.0/16");
        var sources = sources(new AddressPool(block), Optional.empty(), Duration.ZERO);
        try (var egress = TestEgress.start(TestEgress.PRIVATE_TARGETS, sources);
                var client = egress.connect();
                var one = tunnel(client);
                var other = tunnel(client);
                var server = new ServerSocket(0, 5, LOOPBACK)) {
            var first = sourceOf(one).getAddress();
            assertThat(block.contains(first)).isTrue();
            assertThat(block.contains(sourceOf(other).getAddress())).isTrue();
            assertThat(sourceOf(one).getAddress()).as("later in the tunnel").isEqualTo(first);
            var to = new HostPort("127.0.0.1", server.getLocalPort());
            try (var _ = client.openTcp(to, HeaderFields.NONE);
                    var accepted = server.accept()) {
                assertThat(block.contains(accepted.getInetAddress())).isTrue();
            }
        }
    }

    @Test
    void refusesWith503WhenNoPortIsLeftAndRecovers() throws Exception {
        var sources = fixed(2400, 2401, Duration.ZERO);
        try (var egress = TestEgress.start(TestEgress.PRIVATE_TARGETS, sources);
                var client = egress.connect()) {
            try (var one = tunnel(client);
                    var other = tunnel(client)) {
                assertThat(sourceOf(one).getPort() + sourceOf(other).getPort()).isEqualTo(4801);
                var refused =
                        catchThrowableOfType(TunnelRefusedException.class, () -> tunnel(client));
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.fields().first("proxy-status").orElseThrow())
                        .isEqualTo(
                                "\"egress\";error=proxy_internal_error;details=\"no source port is"
                                        + " free\"");
                assertThat(egress.listener().exhaustedSources())
                        .containsExactly(SourceExhaustion.PORTS);
            }
            egress.awaitNoTunnel();
            try (var again = tunnel(client)) {
                assertThat(sourceOf(again).getAddress()).isEqualTo(FIXED);
            }
        }
    }

    @Test
    @DisplayName("R0 X4: a closed source rests before the same target is reached from it again")
    void doesNotReuseASourceForTheSameTargetAtOnce() throws Exception {
        var sources = fixed(2402, 2402, Duration.ofHours(1));
        try (var egress = TestEgress.start(TestEgress.PRIVATE_TARGETS, sources);
                var client = egress.connect();
                var elsewhere = new DatagramSocket(0, LOOPBACK)) {
            try (var tunnel = tunnel(client)) {
                assertThat(sourceOf(tunnel).getPort()).isEqualTo(2402);
            }
            Await.until("the source rests", () -> sources.resting().size() == 1);
            var refused = catchThrowableOfType(TunnelRefusedException.class, () -> tunnel(client));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(egress.listener().exhaustedSources())
                    .containsExactly(SourceExhaustion.RESTING);
            client.openUdp(new HostPort("127.0.0.1", elsewhere.getLocalPort()), HeaderFields.NONE)
                    .close();
        }
    }

    private static Bootstrap socketOf(EventLoop loop, InetSocketAddress local) {
        return new Bootstrap()
                .group(loop)
                .channel(EventLoops.datagramChannel())
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInboundHandlerAdapter())
                .localAddress(local);
    }

    @Test
    @DisplayName("seed 3: an application supplies a connected socket, which the relay closes")
    void usesASocketOfTheApplication() throws Exception {
        var opened = new java.util.concurrent.ArrayBlockingQueue<ChannelFuture>(1);
        TargetSocketSupplier supplier =
                (Permit _, InetSocketAddress to, EventLoop loop) -> {
                    var socket = socketOf(loop, new InetSocketAddress(FIXED, 0)).connect(to);
                    opened.add(socket);
                    return Optional.of(socket);
                };
        try (var egress = TestEgress.start(TestEgress.PRIVATE_TARGETS, supplied(supplier));
                var client = egress.connect()) {
            ChannelFuture socket;
            try (var tunnel = tunnel(client)) {
                socket = opened.take();
                assertThat(sourceOf(tunnel)).isEqualTo(socket.channel().localAddress());
                assertThat(socket.channel().isOpen()).isTrue();
            }
            assertThat(socket.channel().closeFuture().await(10_000)).isTrue();
        }
    }

    @Test
    @DisplayName("seed 3: a socket that is not connected to the target is refused and closed")
    void refusesASocketThatIsNotConnected() throws Exception {
        var opened = new java.util.concurrent.ArrayBlockingQueue<ChannelFuture>(2);
        var stranger = new InetSocketAddress(LOOPBACK, 9);
        TargetSocketSupplier supplier =
                (Permit _, InetSocketAddress _, EventLoop loop) -> {
                    var free = socketOf(loop, new InetSocketAddress(FIXED, 0));
                    opened.add(opened.isEmpty() ? free.bind() : free.connect(stranger));
                    return opened.stream().skip(opened.size() - 1).findFirst();
                };
        try (var egress = TestEgress.start(TestEgress.PRIVATE_TARGETS, supplied(supplier));
                var client = egress.connect()) {
            for (int i = 0; i < 2; i++) {
                var refused =
                        catchThrowableOfType(TunnelRefusedException.class, () -> tunnel(client));
                assertThat(refused.status()).isEqualTo(500);
            }
            for (var socket : opened) {
                assertThat(socket.channel().closeFuture().await(10_000)).isTrue();
            }
        }
    }
}
