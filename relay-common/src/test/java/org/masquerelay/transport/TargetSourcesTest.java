package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.bind.PeerPolicy;
import org.masquerelay.observe.Losses;
import org.masquerelay.observe.SourceExhaustion;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelStream;

/// Where the sockets of targets start from, on addresses that every Linux machine has: all of
/// 127.0.0.0/8.
@Timeout(60)
final class TargetSourcesTest {
    private static final InetAddress SOURCE = InetAddress.ofLiteral("127.77.0.1");
    private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");
    private static final IntegerUnixChannelOption IPV6_TCLASS =
            new IntegerUnixChannelOption("IPV6_TCLASS", 41, 67);

    private static final PeerPolicy NOBODY =
            new PeerPolicy() {
                @Override
                public boolean allows(InetSocketAddress peer) {
                    return false;
                }

                @Override
                public Object edition() {
                    return this;
                }
            };

    private final CountingListener listener = new CountingListener();
    private final EventLoops loops = EventLoops.start(1);
    private final EventLoop loop = loops.all().getFirst();
    private final List<TunnelStream> open = new ArrayList<>();
    private DatagramSocket target;

    @BeforeEach
    void openTarget() throws Exception {
        assumeTrue(EventLoops.usesEpoll(), "Linux only");
        target = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        target.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws Exception {
        loop.submit(() -> open.forEach(stream -> stream.reset(ResetCause.CANCELLED))).sync();
        loops.close();
        if (target != null) {
            target.close();
        }
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private InetSocketAddress targetAddress() {
        return (InetSocketAddress) target.getLocalSocketAddress();
    }

    private static LocalEnd from(SourceAddress source) {
        return new LocalEnd(() -> source, OptionalInt.empty(), Optional.empty(), Losses.IGNORED);
    }

    /// Ports that nobody has, among them none that the kernel gives out where `from` is below its.
    private static SourcePorts free(int from, int count) {
        for (int first = from; first < from + 1000; first += count) {
            if (areFree(first, count)) {
                return new SourcePorts(first, first + count - 1);
            }
        }
        throw new IllegalStateException("no ports are free from " + from);
    }

    private static boolean areFree(int first, int count) {
        var taken = new ArrayList<AutoCloseable>();
        try {
            for (int port = first; port < first + count; port++) {
                taken.add(new DatagramSocket(port));
                taken.add(new ServerSocket(port));
            }
            return true;
        } catch (IOException _) {
            return false;
        } finally {
            taken.forEach(TargetSourcesTest::closeQuietly);
        }
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static SourceAddress source(SourcePorts ports) {
        return new SourceAddress(Optional.of(SOURCE), Optional.empty(), Optional.of(ports));
    }

    private TunnelStream udp(TargetDialer dialer, InetSocketAddress to, LocalEnd end)
            throws Exception {
        var stream = loop.submit(() -> dialer.udp(loop, to, end)).get().get();
        open.add(stream);
        return stream;
    }

    private TargetDialer dialer() {
        return new TargetDialer(loops, listener);
    }

    private InetSocketAddress sourceSeen(TunnelStream stream) throws Exception {
        loop.submit(() ->
                        stream.write(
                                io.netty.buffer.Unpooled.copiedBuffer(
                                        "hello", StandardCharsets.UTF_8)))
                .sync();
        var packet = new DatagramPacket(new byte[100], 100);
        target.receive(packet);
        return (InetSocketAddress) packet.getSocketAddress();
    }

    @Test
    void startsAtAnAddressThatIsOnNoInterface() throws Exception {
        var stream = udp(dialer(), targetAddress(), from(SourceAddress.of(SOURCE)));
        assertThat(sourceSeen(stream).getAddress()).isEqualTo(SOURCE);
    }

    @Test
    void takesPortsOfTheRangeWhoeverChoosesThem() throws Exception {
        for (var range : List.of(free(2000, 10), free(40_000, 10))) {
            var seen = new ArrayList<Integer>();
            for (int i = 0; i < 8; i++) {
                var stream = udp(dialer(), targetAddress(), from(source(range)));
                seen.add(sourceSeen(stream).getPort());
            }
            assertThat(seen)
                    .doesNotHaveDuplicates()
                    .allSatisfy(port -> assertThat(port).isBetween(range.first(), range.last()));
        }
    }

    @Test
    void saysThatAllPortsAreTaken() throws Exception {
        for (int first : new int[] {2100, 41_000}) {
            var end = from(source(free(first, 2)));
            var dialer = dialer();
            udp(dialer, targetAddress(), end);
            udp(dialer, targetAddress(), end);
            assertThatThrownBy(() -> udp(dialer, targetAddress(), end))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(SourceExhaustedException.class)
                    .hasMessageNotContaining("127.");
        }
        assertThat(listener.exhaustedSources())
                .containsExactly(SourceExhaustion.PORTS, SourceExhaustion.PORTS);
    }

    @Test
    void oneTcpPortServesForTwoTargetsButNotForOneTwice() throws Exception {
        var loopback = InetAddress.ofLiteral("127.0.0.1");
        for (int port : new int[] {2200, 42_000}) {
            var ports = free(port, 1);
            var end = from(source(ports));
            try (var one = new ServerSocket(0, 5, loopback);
                    var other = new ServerSocket(0, 5, loopback)) {
                open.add(tcp(one, end));
                open.add(tcp(other, end));
                assertThatThrownBy(() -> tcp(one, end))
                        .cause()
                        .isInstanceOf(SourceExhaustedException.class);
                try (var first = one.accept();
                        var second = other.accept()) {
                    assertThat(first.getPort())
                            .isEqualTo(ports.first())
                            .isEqualTo(second.getPort());
                    assertThat(first.getInetAddress()).isEqualTo(SOURCE);
                }
            }
        }
    }

    private TunnelStream tcp(ServerSocket to, LocalEnd end) throws Exception {
        var address = (InetSocketAddress) to.getLocalSocketAddress();
        return loop.submit(() -> dialer().tcp(loop, address, Duration.ofSeconds(5), end))
                .get()
                .get();
    }

    @Test
    void saysThatTheAddressIsNotOurs() throws Exception {
        var strange = from(SourceAddress.of(InetAddress.ofLiteral("203.0.113.77")));
        assertThatThrownBy(() -> udp(dialer(), targetAddress(), strange))
                .cause()
                .isInstanceOf(SourceExhaustedException.class);
        assertThat(listener.exhaustedSources()).containsExactly(SourceExhaustion.ADDRESS);
    }

    @Test
    void doesNotGoElsewhereWhenTheInterfaceIsMissing() {
        var gone =
                new SourceAddress(Optional.empty(), Optional.of("no-such-if0"), Optional.empty());
        assertThatThrownBy(() -> udp(dialer(), targetAddress(), from(gone)))
                .cause()
                .isInstanceOf(SourceExhaustedException.class);
        assertThat(listener.exhaustedSources()).containsExactly(SourceExhaustion.ADDRESS);
    }

    @Test
    @DisplayName("R0 X4: a source rests before the same target is reached from it again")
    void leavesARestingSourceAlone() throws Exception {
        for (int port : new int[] {2300, 43_000}) {
            var resting = new RestingFlows(Duration.ofHours(1), 1000, Ticker.systemTicker());
            var dialer = new TargetDialer(loops, listener, resting);
            var ports = free(port, 1);
            var end = from(source(ports));
            var first = udp(dialer, targetAddress(), end);
            assertThat(sourceSeen(first).getPort()).isEqualTo(ports.first());
            loop.submit(() -> first.reset(ResetCause.CANCELLED)).sync();
            assertThat(resting.size()).isEqualTo(1);

            assertThatThrownBy(() -> udp(dialer, targetAddress(), end))
                    .cause()
                    .isInstanceOf(SourceExhaustedException.class);
            try (var other = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
                udp(dialer, (InetSocketAddress) other.getLocalSocketAddress(), end);
            }
        }
        assertThat(listener.exhaustedSources())
                .containsExactly(SourceExhaustion.RESTING, SourceExhaustion.RESTING);
    }

    @Test
    void leavesPortsToTheOthersHoweverManyTunnelsATenantHad() throws Exception {
        for (int from : new int[] {2400, 44_000}) {
            var resting = new RestingFlows(Duration.ofHours(1), 1000, Ticker.systemTicker());
            var dialer = new TargetDialer(loops, listener, resting);
            var source = source(free(from, 8));
            for (int i = 0; i < 20; i++) {
                bindAndClose(dialer, of("one", source));
            }
            assertThat(resting.size()).isEqualTo(2);
            udp(dialer, targetAddress(), of("other", source));
        }
        assertThat(listener.exhaustedSources()).isEmpty();
    }

    private static LocalEnd of(String tenant, SourceAddress source) {
        return new LocalEnd(
                () -> source, OptionalInt.empty(), Optional.of(new Tenant(tenant)), Losses.IGNORED);
    }

    private void bindAndClose(TargetDialer dialer, LocalEnd end) throws Exception {
        var targets = new BoundTargets(Optional.empty(), NOBODY, 1);
        var bound =
                loop.submit(() -> dialer.bound(loop, List.of(end), targets, Losses.IGNORED))
                        .get()
                        .get();
        loop.submit(() -> bound.reset(ResetCause.CANCELLED)).sync();
    }

    @Test
    @DisplayName("R2 3.1: what strangers sent before the socket was connected is not the target's")
    void discardsWhatCameBeforeTheSocketWasConnected() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        var channel =
                TargetBootstraps.udp(loop, IPV4)
                        .handler(new Recorder(received))
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
        try (var stranger = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            for (var text : new String[] {"forged", "", "forged again"}) {
                stranger.send(packet(text, channel.localAddress()));
            }
            channel.connect(targetAddress()).sync();
            loop.submit(() -> EarlyArrivals.discard(channel)).sync();
            channel.config().setAutoRead(true);
            target.send(packet("genuine", channel.localAddress()));
            assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("genuine");
        } finally {
            channel.close().sync();
        }
    }

    private static DatagramPacket packet(String text, java.net.SocketAddress to) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return new DatagramPacket(bytes, bytes.length, to);
    }

    private static final class Recorder
            extends io.netty.channel.SimpleChannelInboundHandler<
                    io.netty.channel.socket.DatagramPacket> {
        private final BlockingQueue<String> received;

        Recorder(BlockingQueue<String> received) {
            this.received = received;
        }

        @Override
        protected void channelRead0(
                io.netty.channel.ChannelHandlerContext ctx,
                io.netty.channel.socket.DatagramPacket packet) {
            received.add(packet.content().toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    @DisplayName("R2 3.1: packets to IPv6 targets are not fragmented either")
    void setsDontFragmentForIpv6() throws Exception {
        var channel = TargetBootstraps.udp(loop, IPV6).register().sync();
        assertThat(channel.channel().config().getOption(DontFragment.V6_OPTION))
                .isEqualTo(DontFragment.ALWAYS);
        channel.channel().close().sync();
    }

    @Test
    @DisplayName("R2 6.2: a DSCP leaves the ECN bits zero")
    void marksPacketsWithTheDscpAlone() throws Exception {
        assertThat(markedWith(IPV4).getOption(ChannelOption.IP_TOS)).isEqualTo(10 << 2);
        assertThat(markedWith(IPV6).getOption(IPV6_TCLASS)).isEqualTo(10 << 2);
    }

    private io.netty.channel.ChannelConfig markedWith(InetAddress family) throws Exception {
        var bootstrap = TargetBootstraps.udp(loop, family);
        var end =
                new LocalEnd(
                        () -> SourceAddress.SYSTEM,
                        OptionalInt.of(10),
                        Optional.empty(),
                        Losses.IGNORED);
        SourceOptions.set(bootstrap, SourceAddress.SYSTEM, end.trafficClass());
        Channel channel = bootstrap.register().sync().channel();
        return channel.config();
    }
}
