package org.masquerelay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.PacketInterest;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.UdpForwarder;
import org.masquerelay.tunnel.TunnelKind;
import tech.kwik.agent15.TlsConstants.CipherSuite;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.impl.QuicClientConnectionImpl;

/// What traces hear of the packets of QUIC connections, with packets that were repeated and damaged
/// on the way, and with a client that updates its keys.
@Timeout(60)
final class PacketWatchTest {
    private static final int PACKETS = 50;

    @TempDir static Path directory;
    private static TestTls tls;

    private final EventLoops loops = EventLoops.start(2);
    private final EventLoops clientLoops = EventLoops.start(1);
    private final Heard atServer = new Heard();
    private final Heard atClient = new Heard();
    private final Heard other = new Heard();

    /// At the server; [#atServer] unless there is one.
    private final AtomicReference<Optional<Heard>> traceOfNext =
            new AtomicReference<>(Optional.empty());

    private final AtomicBoolean untraced = new AtomicBoolean();
    private int port;
    private final AtomicLong received = new AtomicLong();
    private final CompletableFuture<QuicChannel> accepted = new CompletableFuture<>();

    @BeforeAll
    static void makeCertificates() throws IOException {
        tls = TestTls.in(directory);
    }

    @AfterEach
    void closeLoops() {
        clientLoops.close();
        loops.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    /// What a trace heard, in turn.
    private static final class Heard implements ConnectionTrace {
        private final List<String> drops = new CopyOnWriteArrayList<>();
        private final List<Long> updates = new CopyOnWriteArrayList<>();

        long ofOneRtt() {
            return drops.stream().filter("ONE_RTT"::equals).count();
        }

        @Override
        public void packetDropped(PacketType type, int bytes) {
            drops.add(type.name());
            assertThat(bytes).isPositive();
        }

        @Override
        public void keysUpdated(long generation) {
            updates.add(generation);
        }

        @Override
        public void established() {}

        @Override
        public void migrated(boolean fresh) {}

        @Override
        public TunnelTrace tunnel(TunnelKind kind) {
            return TunnelTrace.OFF;
        }

        @Override
        public void closed(End end) {}
    }

    private QuicListener listen(PacketInterest interest) throws IOException {
        return listen(interest, QuicSettings.STANDARD);
    }

    private QuicListener listen(PacketInterest interest, QuicSettings quic) throws IOException {
        return QuicListener.bind(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                new ServerTls(() -> tls.server(), ClientAuth.NONE, KeyExport.OFF),
                ConnectionSettings.STANDARD.with(quic),
                new QuicListener.Connections() {
                    @Override
                    public ChannelHandler handler(EventLoop loop) {
                        return watched();
                    }

                    @Override
                    public boolean isCrowded(InetAddress client) {
                        return false;
                    }

                    @Override
                    public PacketInterest packetInterest() {
                        return interest;
                    }
                });
    }

    private ChannelInitializer<QuicChannel> watched() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(QuicChannel quic) {
                PacketWatch.watch(quic, untraced.get() ? ConnectionTrace.OFF : nextTrace());
                quic.pipeline().addLast(new Streams());
                accepted.complete(quic);
            }
        };
    }

    private Heard nextTrace() {
        return traceOfNext.getAndSet(Optional.empty()).orElse(atServer);
    }

    private ChannelInitializer<QuicChannel> dialled() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(QuicChannel quic) {
                PacketWatch.watch(quic, atClient);
            }
        };
    }

    private final class Streams extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object stream) {
            ((QuicStreamChannel) stream).pipeline().addLast(new Counting());
            ctx.fireChannelRead(stream);
        }
    }

    private final class Counting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            received.incrementAndGet();
            ReferenceCountUtil.release(msg);
        }
    }

    private QuicChannel dial(InetSocketAddress to, PacketInterest interest) throws Exception {
        var dialer =
                new QuicDialer(
                        () -> tls.client(),
                        ConnectionSettings.STANDARD,
                        QuicPath.UDP,
                        KeyExport.OFF,
                        interest);
        return TestDial.dial(dialer, clientLoops.all().getFirst(), to, dialled());
    }

    /// Sends [#PACKETS] packets of 1-RTT, one after the other: the next one goes when the last one
    /// has come.
    private void talk(QuicChannel client) throws Exception {
        var stream =
                client.createStream(
                                QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                        .get(10, SECONDS);
        for (int i = 0; i < PACKETS; i++) {
            long before = received.get();
            stream.writeAndFlush(client.alloc().directBuffer().writeLong(i));
            Await.until("packet " + i, () -> received.get() > before);
        }
    }

    /// Packets of the handshake that are sent again, since a timer was early, may come when their
    /// keys are gone.
    @ParameterizedTest
    @EnumSource(names = {"DROPS", "DROPS_AND_KEYS"})
    void tellsOfNothingWhereNothingHappens(PacketInterest interest) throws Exception {
        try (var listener = listen(interest)) {
            talk(dial(listener.address(), interest));
        }
        assertThat(atServer.drops).doesNotContain("ONE_RTT");
        assertThat(atClient.drops).doesNotContain("ONE_RTT");
        assertThat(atServer.updates).isEmpty();
        assertThat(atClient.updates).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"repeated", "damaged"})
    void tellsBothSidesOfPacketsThatWereDropped(String how) throws Exception {
        try (var listener = listen(PacketInterest.DROPS_AND_KEYS);
                var between = new UdpForwarder(listener.address())) {
            var client = dial(between.address(), PacketInterest.DROPS_AND_KEYS);
            talk(client); // The handshake is behind it.
            between.sendTwice(packet -> {
                if (how.equals("damaged")) {
                    packet[packet.length - 1] ^= 1;
                }
                return packet;
            });
            talk(client);
            between.sendOnce();
            Await.until("as many", () -> atServer.ofOneRtt() >= PACKETS);
            // Acknowledgements, not one for each.
            Await.until("some", () -> atClient.ofOneRtt() >= PACKETS / 4);
            talk(client); // The connection is as it was.
        }
        assertThat(atServer.updates).isEmpty();
        assertThat(atClient.updates).isEmpty();
    }

    @Test
    void tellsTheTraceOfTheConnectionAndNoOther() throws Exception {
        try (var listener = listen(PacketInterest.DROPS);
                var between = new UdpForwarder(listener.address())) {
            for (int i = 0; i < 8; i++) {
                dial(listener.address(), PacketInterest.NONE); // On both loops.
            }
            int others = atServer.drops.size();
            traceOfNext.set(Optional.of(other));
            var client = dial(between.address(), PacketInterest.DROPS);
            talk(client);
            between.sendTwice(packet -> packet);
            talk(client);
            Await.until("as many", () -> other.ofOneRtt() >= PACKETS);
            assertThat(atServer.ofOneRtt()).isZero();
            assertThat(atServer.drops).hasSize(others);
        }
    }

    /// What ends a connection was not dropped.
    @Test
    void takesAResetForWhatItIs() throws Exception {
        var key = new ResetKey(new byte[ResetKey.BYTES]);
        var quic = QuicSettings.STANDARD.with(key);
        QuicChannel client;
        UdpForwarder between;
        try (var before = listen(PacketInterest.NONE, quic)) {
            between = new UdpForwarder(before.address());
            client = dial(between.address(), PacketInterest.DROPS_AND_KEYS);
            talk(client);
            between.silence();
            port = before.address().getPort();
        }
        long heard = atClient.ofOneRtt();
        try (var after = listen(PacketInterest.NONE, quic);
                var _ = between) {
            between.forwardTo(after.address());
            touch(client);
            assertThat(client.closeFuture().await(10, SECONDS)).isTrue();
        }
        assertThat(atClient.ofOneRtt()).isEqualTo(heard);
    }

    /// Makes a client send something.
    private static void touch(QuicChannel client) throws Exception {
        client.createStream(QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                .get(10, SECONDS)
                .writeAndFlush(client.alloc().directBuffer().writeLong(1));
    }

    @Test
    void tellsOfPacketsOfTheHandshakeToo() throws Exception {
        try (var listener = listen(PacketInterest.DROPS);
                var between = new UdpForwarder(listener.address())) {
            between.sendTwice(packet -> packet);
            dial(between.address(), PacketInterest.DROPS);
            Await.until("a packet", () -> atServer.drops.contains("HANDSHAKE"));
            Await.until("a packet", () -> atClient.drops.contains("INITIAL"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "TLS_AES_128_GCM_SHA256",
                "TLS_AES_256_GCM_SHA384",
                "TLS_CHACHA20_POLY1305_SHA256"
            })
    void tellsOfEachUpdateOfKeys(CipherSuite suite) throws Exception {
        try (var listener = listen(PacketInterest.DROPS_AND_KEYS)) {
            var client =
                    (QuicClientConnectionImpl)
                            QuicClientConnection.newBuilder()
                                    .uri(
                                            URI.create(
                                                    "https://localhost:"
                                                            + listener.address().getPort()))
                                    .applicationProtocol("h3")
                                    .cipherSuite(suite)
                                    .noServerCertificateCheck()
                                    .build();
            client.connect();
            var stream = client.createStream(false).getOutputStream();
            for (long generation = 1; generation <= 3; generation++) {
                for (int i = 0; i < 20; i++) {
                    long before = received.get();
                    stream.write(new byte[10]);
                    stream.flush();
                    Await.until("packet " + i, () -> received.get() > before);
                }
                assertThat(atServer.updates).hasSize((int) generation - 1);
                client.updateKeys();
                client.ping();
                int updates = (int) generation;
                Await.until("an update", () -> atServer.updates.size() == updates);
            }
            client.close();
        }
        assertThat(atServer.updates).containsExactly(1L, 2L, 3L);
    }

    @ParameterizedTest
    @EnumSource
    void keepsNoKeyWithoutNeed(PacketInterest interest) throws Exception {
        var wanted = PacketInterest.DROPS_AND_KEYS;
        try (var listener = listen(interest)) {
            var client = dial(listener.address(), interest);
            assertThat(session(client).getValueNames()).hasSize(interest == wanted ? 1 : 0);
            talk(client);
            // Where they are needed they are taken from there.
            assertThat(session(client).getValueNames()).isEmpty();
            assertThat(session(accepted.get(10, SECONDS)).getValueNames()).isEmpty();
        }
    }

    @Test
    void keepsNoKeyOfAConnectionWithoutATrace() throws Exception {
        try (var listener = listen(PacketInterest.DROPS_AND_KEYS)) {
            untraced.set(true);
            talk(dial(listener.address(), PacketInterest.DROPS_AND_KEYS));
            var server = accepted.get(10, SECONDS);
            assertThat(server.isActive()).isTrue();
            assertThat(session(server).getValueNames()).isEmpty();
        }
    }

    private static SSLSession session(QuicChannel quic) {
        return Objects.requireNonNull(quic.sslEngine()).getSession();
    }

    @Test
    void watchesNothingUnasked() throws Exception {
        try (var listener = listen(PacketInterest.NONE);
                var between = new UdpForwarder(listener.address())) {
            between.sendTwice(packet -> packet);
            var client = dial(between.address(), PacketInterest.NONE);
            talk(client);
            assertThat(client.parent().pipeline().get(PacketWatch.class)).isNull();
            assertThat(accepted.get(10, SECONDS).parent().pipeline().get(PacketWatch.class))
                    .isNull();
        }
        assertThat(atServer.drops).isEmpty();
        assertThat(atClient.drops).isEmpty();
    }
}
