package org.masquerelay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.observe.StrayAnswer;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.UdpForwarder;
import org.masquerelay.transport.QuicSettings.Retry;
import org.masquerelay.transport.QuicSettings.When;

/// A listener of QUIC and packets that belong to no connection of it.
@Timeout(60)
final class QuicListenerTest {
    private static final ResetKey KEY = new ResetKey(new byte[ResetKey.BYTES]);
    private static final QuicSettings QUIC = QuicSettings.STANDARD.with(KEY);
    private static final int UNKNOWN_VERSION = 0x6b3343cf; // QUIC version 2.

    @TempDir static Path directory;
    private static TestTls tls;

    private final EventLoops loops = EventLoops.start(2);

    /// For the tests in which it matters that there is one socket.
    private final EventLoops oneLoop = EventLoops.start(1);

    private final List<StrayAnswer> answers = new CopyOnWriteArrayList<>();
    private final List<QuicChannel> accepted = new CopyOnWriteArrayList<>();
    private final EventLoops clientLoops = EventLoops.start(1);
    private final List<UdpForwarder> forwarders = new ArrayList<>();

    @BeforeAll
    static void makeCertificates() throws IOException {
        tls = TestTls.in(directory);
    }

    @AfterEach
    void closeLoops() {
        forwarders.forEach(UdpForwarder::close);
        clientLoops.close();
        oneLoop.close();
        loops.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private final class Connections implements QuicListener.Connections {
        @Override
        public ChannelHandler handler(EventLoop loop) {
            return new Accepted();
        }

        @Override
        public boolean isCrowded(InetAddress client) {
            return false;
        }

        @Override
        public void answered(StrayAnswer answer) {
            answers.add(answer);
        }
    }

    @ChannelHandler.Sharable
    private final class Accepted extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            accepted.add((QuicChannel) ctx.channel());
        }
    }

    private QuicListener listen(EventLoops on, int port, QuicSettings quic) throws IOException {
        return listen(on, port, quic, Ticker.systemTicker());
    }

    private QuicListener listen(EventLoops on, int port, QuicSettings quic, Ticker ticker)
            throws IOException {
        return QuicListener.bind(
                on,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                new ServerTls(() -> tls.server(), ClientAuth.NONE, KeyExport.OFF),
                ConnectionSettings.STANDARD.with(quic),
                new Connections(),
                ticker);
    }

    private QuicListener listen(QuicSettings quic) throws IOException {
        return listen(loops, 0, quic);
    }

    /// As [#dial], by way of a port that stays open: a client is told by its kernel when the port
    /// that it sends to is closed, and gives up.
    private QuicChannel dialPast(InetSocketAddress to) throws Exception {
        var between = new UdpForwarder(to);
        forwarders.add(between);
        return dial(between.address());
    }

    private QuicChannel dial(InetSocketAddress to) throws Exception {
        return dial(to, new ChannelInboundHandlerAdapter());
    }

    private QuicChannel dial(InetSocketAddress to, ChannelHandler handler) throws Exception {
        return TestDial.dial(
                new QuicDialer(() -> tls.client(), ConnectionSettings.STANDARD),
                clientLoops.all().getFirst(),
                to,
                handler);
    }

    /// Makes a client send something, unless a packet that was due anyway has shown it already that
    /// its server is gone.
    private static void touch(QuicChannel client) throws Exception {
        var stream =
                client.createStream(
                                QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter())
                        .await();
        if (stream.isSuccess()) {
            stream.getNow().writeAndFlush(client.alloc().directBuffer().writeLong(1));
        } else {
            assertThat(stream.cause()).isInstanceOf(ClosedChannelException.class);
        }
    }

    /// A UDP socket that speaks no QUIC.
    private static final class Plain implements AutoCloseable {
        private final DatagramSocket socket;

        Plain(QuicListener peer) throws IOException {
            socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
            socket.connect(peer.address());
        }

        void send(byte[] packet) throws IOException {
            socket.send(new DatagramPacket(packet, packet.length));
        }

        Optional<ByteBuffer> receive(int millis) throws IOException {
            var packet = new DatagramPacket(new byte[2048], 2048);
            socket.setSoTimeout(millis);
            try {
                socket.receive(packet);
                return Optional.of(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
            } catch (SocketTimeoutException _) {
                return Optional.empty();
            }
        }

        ByteBuffer ask(byte[] packet) throws IOException {
            send(packet);
            return receive(10_000).orElseThrow();
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private static byte[] bytes(int length) {
        var bytes = new byte[length];
        ThreadLocalRandom.current().nextBytes(bytes);
        return bytes;
    }

    private static byte[] longHeader(int first, int version, byte[] dcid, byte[] scid, int length) {
        var packet = ByteBuffer.allocate(length);
        packet.put((byte) first).putInt(version);
        packet.put((byte) dcid.length).put(dcid);
        packet.put((byte) scid.length).put(scid);
        return packet.array();
    }

    private static byte[] shortHeader(byte[] id, int length) {
        var packet = bytes(length);
        packet[0] = (byte) (0x40 | (packet[0] & 0x3f));
        System.arraycopy(id, 0, packet, 1, Math.min(id.length, length - 1));
        return packet;
    }

    private static byte[] take(ByteBuffer from, int length) {
        var taken = new byte[length];
        from.get(taken);
        return taken;
    }

    @Test
    void negotiatesWhateverTypeAPacketOfAnUnknownVersionHasAndHoweverLongItsIds() throws Exception {
        try (var listener = listen(QUIC);
                var client = new Plain(listener)) {
            for (int first : new int[] {0x80, 0xc0, 0xd0, 0xe0, 0xff}) {
                for (int length : new int[] {0, 8, 20, 21, 255}) {
                    var dcid = bytes(length);
                    var scid = bytes(255 - length);
                    var answer = client.ask(longHeader(first, UNKNOWN_VERSION, dcid, scid, 1200));
                    assertThat(answer.remaining()).isLessThan(1200);
                    assertThat(answer.get()).as("long header").isNegative();
                    assertThat(answer.getInt()).isZero();
                    assertThat(take(answer, answer.get() & 0xff)).isEqualTo(scid);
                    assertThat(take(answer, answer.get() & 0xff)).isEqualTo(dcid);
                    assertThat(answer.getInt()).isEqualTo(1);
                    assertThat(answer.getInt() & 0x0f0f0f0f).isEqualTo(0x0a0a0a0a);
                    assertThat(answer.hasRemaining()).isFalse();
                }
            }
        }
        assertThat(answers).hasSize(25).containsOnly(StrayAnswer.VERSION_NEGOTIATION);
    }

    @Test
    void negotiatesWithNothingShorterThanAFirstPacketAndNeverAboutANegotiation() throws Exception {
        try (var listener = listen(QUIC);
                var client = new Plain(listener)) {
            client.send(longHeader(0xc0, UNKNOWN_VERSION, bytes(8), bytes(8), 1199));
            client.send(longHeader(0xc0, 0, bytes(8), bytes(8), 1200));
            for (int length = 1; length < 8; length++) {
                client.send(Arrays.copyOf(new byte[] {(byte) 0xc0, 1, 2, 3, 4, 5, 6, 7}, length));
            }
            var dcid = bytes(9);
            var answer = client.ask(longHeader(0xc0, UNKNOWN_VERSION, dcid, bytes(8), 1200));
            assertThat(take(answer.position(5 + 9 + 1), 9)).as("the first answer").isEqualTo(dcid);
        }
    }

    @Test
    void answersNoMoreStraysInASecondThanItMay() throws Exception {
        var ticker = Ticker.newMockTicker();
        try (var listener = listen(oneLoop, 0, QUIC.withStrayAnswers(3), ticker);
                var client = new Plain(listener)) {
            for (int second = 1; second <= 2; second++) {
                for (int i = 0; i < 5; i++) {
                    client.send(longHeader(0xc0, UNKNOWN_VERSION, bytes(8), bytes(8), 1200));
                    client.send(shortHeader(bytes(10), 40));
                }
                int all = 10 * second;
                Await.until("answers", () -> answers.size() >= all);
                assertThat(count(StrayAnswer.VERSION_NEGOTIATION)).isEqualTo(3L * second);
                assertThat(count(StrayAnswer.STATELESS_RESET)).isEqualTo(3L * second);
                assertThat(count(StrayAnswer.SUPPRESSED)).isEqualTo(4L * second);
                ticker.advance(1, SECONDS);
            }
        }
    }

    private long count(StrayAnswer what) {
        return answers.stream().filter(what::equals).count();
    }

    @Test
    void answersAPacketOfAnUnknownConnectionWithTheTokenOfItsId() throws Exception {
        try (var listener = listen(QUIC);
                var client = new Plain(listener)) {
            for (int length : new int[] {22, 23, 43, 44, 1200}) {
                var id = bytes(10);
                var answer = client.ask(shortHeader(id, length));
                assertThat(answer.remaining()).isBetween(21, 42).isLessThan(length);
                assertThat(answer.get(0) & 0xc0).as("a short header").isEqualTo(0x40);
                assertThat(take(answer.position(answer.limit() - 16), 16))
                        .isEqualTo(token(listener, id));
            }
        }
    }

    private static byte[] token(QuicListener listener, byte[] id) {
        return new ResetTokens(() -> KEY.at(listener.address())).of(ByteBuffer.wrap(id));
    }

    @Test
    void tellsNobodyTheTokensOfAnotherListenerWithTheSameKey() throws Exception {
        try (var one = listen(QUIC);
                var other = listen(QUIC);
                var client = new Plain(one);
                var attacker = new Plain(other)) {
            var id = bytes(10);
            var genuine = client.ask(shortHeader(id, 40));
            var asked = attacker.ask(shortHeader(id, 40));
            assertThat(take(asked.position(asked.limit() - 16), 16))
                    .isNotEqualTo(take(genuine.position(genuine.limit() - 16), 16));
        }
    }

    @Test
    void answersNoPacketThatIsAsShortAsAReset() throws Exception {
        try (var listener = listen(oneLoop, 0, QUIC);
                var client = new Plain(listener)) {
            for (int length = 1; length <= 21; length++) {
                client.send(shortHeader(bytes(10), length));
            }
            assertFirstAnswered(listener, client, bytes(10));
            assertThat(client.ask(shortHeader(bytes(10), 22)).remaining()).isEqualTo(21);
        }
    }

    /// That nothing that was sent before has an answer, where one loop has read it all.
    private static void assertFirstAnswered(QuicListener listener, Plain client, byte[] unknown)
            throws IOException {
        var answer = client.ask(shortHeader(unknown, 40));
        assertThat(take(answer.position(answer.limit() - 16), 16))
                .as("the first answer")
                .isEqualTo(token(listener, unknown));
    }

    @Test
    void sendsNoResetWhenToldSo() throws Exception {
        try (var listener = listen(oneLoop, 0, QUIC.withStatelessReset(false));
                var client = new Plain(listener)) {
            client.send(shortHeader(bytes(10), 40));
            var dcid = bytes(9);
            var answer = client.ask(longHeader(0xc0, UNKNOWN_VERSION, dcid, bytes(8), 1200));
            assertThat(take(answer.position(5 + 9 + 1), 9)).as("the first answer").isEqualTo(dcid);
        }
    }

    @Test
    void neverResetsAConnectionThatIsAliveWhoeverForgesItsPackets() throws Exception {
        try (var listener = listen(QUIC)) {
            for (int i = 0; i < 8; i++) { // On both loops, in all likelihood.
                dial(listener.address());
            }
            Await.until("connections", () -> accepted.size() == 8);
            for (var connection : accepted) {
                var id = sourceId(connection);
                try (var forger = new Plain(listener)) {
                    var known = take(id, 10);
                    forger.send(shortHeader(known, 40));
                    var unknown = known.clone();
                    unknown[9] ^= 1; // Of the same loop, which the first bytes name.
                    assertFirstAnswered(listener, forger, unknown);
                }
            }
            Await.until("answers", () -> answers.size() >= 8);
            assertThat(answers).hasSize(8);
        }
    }

    private static ByteBuffer sourceId(QuicChannel connection) throws Exception {
        var address = Objects.requireNonNull(connection.localAddress());
        var id = address.getClass().getDeclaredMethod("id");
        id.setAccessible(true);
        return (ByteBuffer) Objects.requireNonNull(id.invoke(address));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void letsClientsNoticeThatTheirServerRestarted(boolean retried) throws Exception {
        var quic = QUIC.with(Retry.STANDARD.with(retried ? When.ALWAYS : When.NEVER));
        var listener = listen(quic);
        var address = listener.address();
        var clients = List.of(dialPast(address), dialPast(address), dialPast(address));
        listener.close();
        try (var _ = listen(loops, address.getPort(), quic)) {
            for (var client : clients) {
                touch(client);
                assertThat(client.closeFuture().await(10, SECONDS)).isTrue();
            }
        }
    }

    @Test
    void cannotBeTakenForARelayWithAnotherKey() throws Exception {
        var listener = listen(QUIC);
        var address = listener.address();
        var client = dialPast(address);
        listener.close();
        var other = new byte[ResetKey.BYTES];
        other[0] = 1;
        try (var _ = listen(loops, address.getPort(), QUIC.with(new ResetKey(other)))) {
            touch(client);
            Await.until("a reset", () -> answers.contains(StrayAnswer.STATELESS_RESET));
            assertThat(client.closeFuture().await(500, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @Test
    void takesTheKeyFromTheCertificatesWithoutAnother() throws Exception {
        var listener = listen(QuicSettings.STANDARD);
        var address = listener.address();
        var client = dialPast(address);
        listener.close();
        try (var _ = listen(loops, address.getPort(), QuicSettings.STANDARD)) {
            touch(client);
            assertThat(client.closeFuture().await(10, SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11, 14})
    void givesConnectionIdsOfTheLengthThatWasAskedFor(int length) throws Exception {
        var quic = QUIC.withConnectionIdLength(length).with(Retry.STANDARD.with(When.ALWAYS));
        try (var listener = listen(quic);
                var client = new Plain(listener)) {
            var retry = client.ask(longHeader(0xc0, 1, bytes(8), bytes(7), 1200));
            assertThat(retry.get() & 0xf0).as("a Retry").isEqualTo(0xf0);
            assertThat(retry.position(5).get()).isEqualTo((byte) 7);
            assertThat(retry.position(5 + 1 + 7).get()).isEqualTo((byte) length);
            dial(listener.address());
            Await.until("connections", () -> accepted.size() == 1);
        }
    }

    @Test
    void givesShortConnectionIdsWhereOneLoopIsAlone() throws Exception {
        var quic = QUIC.withConnectionIdLength(8);
        try (var listener = listen(oneLoop, 0, quic)) {
            dial(listener.address());
            Await.until("connections", () -> accepted.size() == 1);
        }
        assertThatThrownBy(() -> listen(quic)).hasMessageContaining("10 to 20");
        assertThatThrownBy(() -> QUIC.withConnectionIdLength(7)).hasMessageContaining("8 to 20");
        assertThatThrownBy(() -> QUIC.withConnectionIdLength(21)).hasMessageContaining("8 to 20");
    }

    @Test
    void givesTheLongestConnectionIdsWithoutStatelessResetsOrWithoutRetry() throws Exception {
        var longest = QUIC.withConnectionIdLength(20);
        var always = Retry.STANDARD.with(When.ALWAYS);
        for (var quic :
                List.of(
                        longest.withStatelessReset(false).with(always),
                        longest.with(Retry.STANDARD.with(When.NEVER)))) {
            try (var listener = listen(quic)) {
                dial(listener.address());
            }
        }
        Await.until("connections", () -> accepted.size() == 2);
        assertThatThrownBy(() -> listen(longest)).hasMessageContaining("at most 14");
    }
}
