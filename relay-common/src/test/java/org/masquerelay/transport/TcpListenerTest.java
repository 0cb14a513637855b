package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.testkit.Await;
import org.masquerelay.transport.DialException.Kind;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

@Timeout(60)
@ParameterizedClass
@EnumSource(TlsProvider.class)
final class TcpListenerTest {
    private static final List<HttpVersion> BOTH = List.of(HttpVersion.H2, HttpVersion.H1);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @TempDir static Path directory;
    private static TestTls tls;

    private final TlsProvider provider;
    private final EventLoops loops = EventLoops.start(2);
    private final Taken taken = new Taken();
    private final List<SocketChannel> dialed = new CopyOnWriteArrayList<>();
    private volatile TlsMaterial serverTls;
    private AddressLimits addresses = new AddressLimits(100);
    private ClientAuth clientAuth = ClientAuth.NONE;
    private Duration handshakeTimeout = LONG;
    private int maxConnections = 100;

    TcpListenerTest(TlsProvider provider) {
        this.provider = provider;
    }

    private static final class Taken implements TcpListener.Connections {
        final List<TcpPeer> peers = new CopyOnWriteArrayList<>();
        final List<HttpVersion> versions = new CopyOnWriteArrayList<>();
        final List<List<X509Certificate>> certificates = new CopyOnWriteArrayList<>();
        final List<ConnectionRefusal> refusals = new CopyOnWriteArrayList<>();

        @Override
        public void secured(
                SocketChannel channel, HttpVersion version, List<X509Certificate> peer) {
            var end = new TcpPeer(channel);
            channel.pipeline().addLast(end);
            versions.add(version);
            certificates.add(peer);
            peers.add(end);
        }

        @Override
        public void refused(ConnectionRefusal refusal) {
            refusals.add(refusal);
        }
    }

    @BeforeAll
    static void makeCertificates() throws IOException {
        tls = TestTls.in(directory);
    }

    @BeforeEach
    void showOurCertificate() {
        serverTls = tls.server();
    }

    @AfterEach
    void close() {
        dialed.forEach(channel -> channel.close().awaitUninterruptibly());
        taken.peers.forEach(peer -> peer.channel.close().awaitUninterruptibly());
        loops.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private TcpListener listen(List<HttpVersion> versions) throws IOException {
        return TcpListener.bind(
                loops,
                new InetSocketAddress(LOOPBACK, 0),
                () -> serverTls,
                new TcpListenerSettings(
                        provider, versions, clientAuth, maxConnections, handshakeTimeout),
                addresses,
                taken);
    }

    private TcpDialer.Secured dial(
            InetSocketAddress address,
            TlsMaterial material,
            String host,
            List<HttpVersion> versions)
            throws Exception {
        try (var dialer = new TcpDialer(() -> material, provider, versions)) {
            return dialer.dial(
                            loops.all().getFirst(),
                            address,
                            new HostPort(host, address.getPort()),
                            LONG,
                            (channel, _) -> {
                                channel.pipeline().addLast(new TcpPeer(channel));
                                dialed.add(channel);
                            })
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private TcpDialer.Secured dial(TcpListener listener) throws Exception {
        return dial(listener.address(), tls.without(), "localhost", BOTH);
    }

    private Kind failure(
            InetSocketAddress address,
            TlsMaterial material,
            String host,
            List<HttpVersion> versions) {
        try {
            dial(address, material, host, versions);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DialException dial) {
                if (dial.kind() == Kind.TLS) {
                    assertThat(dial).hasCauseInstanceOf(SSLException.class);
                }
                return dial.kind();
            }
            throw new AssertionError(e);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("it was connected");
    }

    /// A client that is not Netty, and offers what the test says.
    private SSLSocket plainClient(TcpListener listener, String... protocols) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", tls.client().anchors().getFirst());
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        var socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(LOOPBACK, listener.address().getPort());
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        return socket;
    }

    /// Sends a byte there and sees it arrive.
    private void assertAlive(SocketChannel client) {
        long before = taken.peers.stream().mapToLong(peer -> peer.bytes.get()).sum();
        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
        Await.until(
                "a byte",
                () -> taken.peers.stream().mapToLong(peer -> peer.bytes.get()).sum() > before);
    }

    @Test
    void usesBoringSslUnlessToldOtherwise() throws Exception {
        assertThat(OpenSsl.isAvailable()).isTrue();
        try (var listener = listen(BOTH)) {
            dial(listener);
            Await.until("a connection", () -> !taken.peers.isEmpty());
            var engine = taken.peers.getFirst().channel.pipeline().get(SslHandler.class).engine();
            assertThat(engine.getClass().getSimpleName())
                    .contains(provider == TlsProvider.AUTO ? "OpenSsl" : "Jdk");
        }
    }

    @Test
    void choosesItsFirstVersionThatTheClientOffers() throws Exception {
        try (var listener = listen(BOTH)) {
            var h1first = List.of(HttpVersion.H1, HttpVersion.H2);
            assertThat(dial(listener.address(), tls.without(), "localhost", h1first).version())
                    .isEqualTo(HttpVersion.H2);
            var h1 = List.of(HttpVersion.H1);
            var client = dial(listener.address(), tls.without(), "localhost", h1);
            assertThat(client.version()).isEqualTo(HttpVersion.H1);
            Await.until("both", () -> taken.versions.size() == 2);
            assertThat(taken.versions).containsExactly(HttpVersion.H2, HttpVersion.H1);
            assertThat(taken.certificates).containsOnly(List.of());
            assertAlive(client.channel());
        }
    }

    @Test
    void speaksHttp1WithAClientThatKnowsNoAlpn() throws Exception {
        try (var listener = listen(BOTH);
                var client = plainClient(listener)) {
            client.startHandshake();
            assertThat(client.getApplicationProtocol()).isEmpty();
            Await.until("a connection", () -> !taken.versions.isEmpty());
            assertThat(taken.versions).containsExactly(HttpVersion.H1);
        }
    }

    @Test
    void refusesAClientThatKnowsNoAlpnWhereHttp1IsNotServed() throws Exception {
        try (var listener = listen(List.of(HttpVersion.H2));
                var client = plainClient(listener)) {
            assertThatThrownBy(client::startHandshake)
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("no_application_protocol");
        }
    }

    @Test
    void answersUnknownProtocolsWithTheAlertOfRfc7301() throws Exception {
        try (var listener = listen(BOTH);
                var client = plainClient(listener, "smtp", "http/1.0")) {
            assertThatThrownBy(client::startHandshake)
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("no_application_protocol");
            Await.until("it is refused", () -> !taken.refusals.isEmpty());
            Await.until("it is gone", () -> listener.connections() == 0);
            assertThat(taken.peers).isEmpty();
            assertThat(taken.refusals).containsExactly(ConnectionRefusal.HANDSHAKE_FAILED);
        }
    }

    @Test
    void tellsTheDialerThatNoVersionIsCommon() throws Exception {
        try (var listener = listen(List.of(HttpVersion.H1))) {
            assertThat(
                            failure(
                                    listener.address(),
                                    tls.without(),
                                    "localhost",
                                    List.of(HttpVersion.H2)))
                    .isEqualTo(Kind.NO_COMMON_PROTOCOL);
        }
    }

    @Test
    void handsOverTheCertificateOfTheClient() throws Exception {
        clientAuth = ClientAuth.REQUIRE;
        try (var listener = listen(BOTH)) {
            dial(listener.address(), tls.client(), "localhost", BOTH);
            Await.until("a connection", () -> !taken.certificates.isEmpty());
            assertThat(taken.certificates.getFirst()).isEqualTo(tls.client().chain());
        }
    }

    @Test
    void refusesAStrangerAndWhoShowsNoCertificate() throws Exception {
        clientAuth = ClientAuth.REQUIRE;
        try (var listener = listen(BOTH)) {
            for (var material : List.of(tls.stranger(), tls.without())) {
                try {
                    // A client of TLS 1.3 is done before the server has seen its certificate.
                    var client = dial(listener.address(), material, "localhost", BOTH);
                    assertThat(client.channel().closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(DialException.class);
                }
            }
            Await.until("both refused", () -> taken.refusals.size() == 2);
            assertThat(taken.refusals).containsOnly(ConnectionRefusal.HANDSHAKE_FAILED);
            assertThat(taken.peers).isEmpty();
        }
    }

    @Test
    void showsANewCertificateToNewConnectionsAndKeepsTheOldOnes() throws Exception {
        try (var listener = listen(BOTH)) {
            var old = dial(listener);
            serverTls = tls.foreign().egressServer();
            assertThat(failure(listener.address(), tls.without(), "localhost", BOTH))
                    .isEqualTo(Kind.TLS);
            var trusting = TlsMaterial.trusting(tls.foreign().client().anchors());
            dial(listener.address(), trusting, "localhost", BOTH);
            assertAlive(old.channel());
        }
    }

    @Test
    void refusesAServerOfAnotherName() throws Exception {
        try (var listener = listen(BOTH)) {
            assertThat(failure(listener.address(), tls.without(), "other.example", BOTH))
                    .isEqualTo(Kind.TLS);
            dial(listener.address(), tls.without(), "127.0.0.1", BOTH);
            dial(listener.address(), tls.without(), "egress", BOTH);
        }
    }

    @Test
    void boundsTheConnectionsOfAnAddressBesideAHealthyOne() throws Exception {
        addresses = new AddressLimits(3);
        try (var listener = listen(BOTH)) {
            var healthy = dial(listener);
            try (var one = new Socket(LOOPBACK, listener.address().getPort());
                    var _ = new Socket(LOOPBACK, listener.address().getPort())) {
                Await.until("three", () -> listener.connections() == 3);
                for (int i = 0; i < 50; i++) {
                    try (var over = new Socket(LOOPBACK, listener.address().getPort())) {
                        assertClosed(over);
                    }
                }
                assertAlive(healthy.channel());
                assertThat(taken.refusals).hasSize(50).containsOnly(ConnectionRefusal.ADDRESS_FULL);
                one.close();
                Await.until("room again", () -> listener.connections() == 2);
                assertAlive(dial(listener).channel());
            }
        }
        Await.until("nobody is counted", () -> taken.peers.size() == 2);
        taken.peers.forEach(peer -> peer.channel.close().awaitUninterruptibly());
        Await.until("all have left", () -> addresses.addresses() == 0);
    }

    @Test
    void boundsTheConnectionsOfTheListener() throws Exception {
        maxConnections = 1;
        try (var listener = listen(BOTH)) {
            var healthy = dial(listener);
            try (var over = new Socket(LOOPBACK, listener.address().getPort())) {
                assertClosed(over);
            }
            assertThat(taken.refusals).containsExactly(ConnectionRefusal.LISTENER_FULL);
            assertAlive(healthy.channel());
        }
    }

    @Test
    void givesUpASlowHandshakeInTime() throws Exception {
        handshakeTimeout = Duration.ofSeconds(1); // Enough for the healthy one on a busy machine.
        try (var listener = listen(BOTH)) {
            var healthy = dial(listener);
            try (var silent = new Socket(LOOPBACK, listener.address().getPort());
                    var slow = new Socket(LOOPBACK, listener.address().getPort())) {
                slow.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1, 0, 1});
                assertClosed(silent);
                assertClosed(slow);
            }
            assertThat(taken.refusals)
                    .containsExactly(
                            ConnectionRefusal.HANDSHAKE_TIMEOUT,
                            ConnectionRefusal.HANDSHAKE_TIMEOUT);
            assertAlive(healthy.channel());
        }
    }

    @Test
    void closesWhatIsNoTls() throws Exception {
        try (var listener = listen(BOTH);
                var client = new Socket(LOOPBACK, listener.address().getPort())) {
            client.getOutputStream()
                    .write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertClosed(client);
            assertThat(taken.refusals).containsExactly(ConnectionRefusal.HANDSHAKE_FAILED);
        }
    }

    @Test
    void closesTheHandshakesButNotTheConnectionsThatWereTaken() throws Exception {
        var listener = listen(BOTH);
        var healthy = dial(listener);
        try (var silent = new Socket(LOOPBACK, listener.address().getPort())) {
            Await.until("two", () -> listener.connections() == 2);
            listener.close();
            assertClosed(silent);
        }
        assertThat(failure(listener.address(), tls.without(), "localhost", BOTH))
                .isEqualTo(Kind.UNREACHABLE);
        assertAlive(healthy.channel());
    }

    @Test
    void saysInOneSentenceThatThePortIsTaken() throws Exception {
        try (var listener = listen(BOTH);
                var others = EventLoops.start(2)) {
            assertThatThrownBy(() ->
                            TcpListener.bind(
                                    others,
                                    listener.address(),
                                    () -> serverTls,
                                    new TcpListenerSettings(provider, BOTH, clientAuth, 1, LONG),
                                    addresses,
                                    taken))
                    .isInstanceOf(BindException.class)
                    .hasMessageStartingWith("TCP ")
                    .hasMessageContaining("cannot be bound");
        }
    }

    @Test
    void theDialerGivesUpInTimeAndWhenCancelled() throws Exception {
        try (var mute = new ServerSocket(0, 10, LOOPBACK);
                var dialer = new TcpDialer(tls::without, provider, BOTH)) {
            var address = (InetSocketAddress) mute.getLocalSocketAddress();
            var authority = new HostPort("localhost", address.getPort());
            var loop = loops.all().getFirst();
            var late = dialer.dial(loop, address, authority, Duration.ofMillis(200), (_, _) -> {});
            assertThat(late.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(late.cause())
                    .isInstanceOfSatisfying(
                            DialException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMEOUT));
            var unwanted = dialer.dial(loop, address, authority, LONG, (_, _) -> {});
            mute.accept().close();
            try (var accepted = mute.accept()) {
                InputStream in = accepted.getInputStream();
                assertThat(in.read()).isEqualTo(22); // The ClientHello is on its way.
                unwanted.cancel(false);
                assertClosed(accepted);
            }
        }
    }

    /// Reads to the end, or to the reset that stands for it.
    private static void assertClosed(Socket socket) throws IOException {
        socket.setSoTimeout(10_000);
        try {
            socket.getInputStream().readAllBytes();
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("it is still open", e);
        } catch (java.net.SocketException _) {
            // A reset is an end as well.
        }
    }
}
