package org.masquerelay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.NextHop;
import org.masquerelay.http.Race;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.http.ScriptedService.Answer;
import org.masquerelay.http.TestFront;
import org.masquerelay.http.Transports;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.testkit.Await;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// A client that tries several HTTP versions at a relay.
@Timeout(60)
final class RacingTest {
    private static final HostPort TARGET = new HostPort("target.test", 7);

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    /// A UDP port that takes everything and says nothing.
    private static DatagramSocket blackHole(int port) throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static RelayClient connect(TestFront front, Transports transports) throws IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", front.address().getPort()),
                        "localhost",
                        TestFront.clientTls(),
                        UriTemplate.UDP,
                        Duration.ofSeconds(10),
                        transports));
    }

    private static void assertEchoes(RelayClient client) throws IOException {
        try (var tunnel = client.openTcp(TARGET, HeaderFields.NONE)) {
            tunnel.output().write("hello".getBytes(UTF_8));
            assertThat(tunnel.input().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
        }
    }

    @DisplayName("case 54: with HTTP/3 blocked HTTP/2 wins, after the head start of the first")
    @Test
    void takesHttp2WhereUdpIsBlocked() throws Exception {
        try (var front =
                        TestFront.of(
                                EnumSet.of(HttpVersion.H2, HttpVersion.H1), 0, Answer.AT_ONCE);
                var udp = blackHole(front.address().getPort())) {
            long start = System.nanoTime();
            try (var client = connect(front, Transports.ALL)) {
                var taken = Duration.ofNanos(System.nanoTime() - start);
                assertThat(client.version()).contains(HttpVersion.H2);
                assertThat(taken).isGreaterThanOrEqualTo(Duration.ofMillis(250));
                udp.receive(new DatagramPacket(new byte[2000], 2000)); // HTTP/3 was tried.
                assertEchoes(client);
                assertThat(front.service().next().request().peer().version())
                        .isEqualTo(HttpVersion.H2);
            }
            assertThat(front.service().wasAsked()).isFalse();
        }
    }

    @DisplayName("case 54: with only HTTP/1.1 to be had it wins, and no other session stays")
    @Test
    void takesHttp1WhereNothingElseIsServed() throws Exception {
        try (var front = TestFront.of(EnumSet.of(HttpVersion.H1), 0, Answer.AT_ONCE);
                var _ = blackHole(front.address().getPort());
                var client = connect(front, Transports.ALL)) {
            assertThat(client.version()).contains(HttpVersion.H1);
            assertEchoes(client);
            assertThat(front.service().next().request().peer().version()).isEqualTo(HttpVersion.H1);
            assertThat(front.service().wasAsked()).isFalse();
        }
    }

    @DisplayName("case 54: the preferred version wins where all are served, and is the only one")
    @Test
    void takesTheFirstWhereAllAreServed() throws Exception {
        try (var front = TestFront.of(EnumSet.allOf(HttpVersion.class), 0, Answer.AT_ONCE);
                var client = connect(front, Transports.ALL)) {
            assertThat(client.version()).contains(HttpVersion.H3);
            assertEchoes(client);
            assertThat(front.service().next().request().peer().version()).isEqualTo(HttpVersion.H3);
        }
    }

    @DisplayName("R9: many tunnels over HTTP/1.1 have a connection each")
    @Test
    void opensAConnectionForEachTunnelOverHttp1() throws Exception {
        try (var front = TestFront.of(EnumSet.of(HttpVersion.H1), 0, Answer.AT_ONCE);
                var client = connect(front, Transports.only(HttpVersion.H1));
                var first = client.openTcp(TARGET, HeaderFields.NONE);
                var second = client.openTcp(TARGET, HeaderFields.NONE)) {
            for (var tunnel : List.of(first, second)) {
                tunnel.output().write("hello".getBytes(UTF_8));
                assertThat(tunnel.input().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
            }
            var addresses =
                    List.of(
                            front.service().next().request().peer().address(),
                            front.service().next().request().peer().address());
            assertThat(addresses).doesNotHaveDuplicates();
        }
    }

    @DisplayName("case 53: a line break in a field is refused before anything is sent")
    @ParameterizedTest(name = "{displayName} over {0}")
    @EnumSource
    void sendsNoLineBreaks(HttpVersion version) throws Exception {
        try (var front = TestFront.of(EnumSet.of(version), 0, Answer.AT_ONCE);
                var client = connect(front, Transports.only(version))) {
            for (var value : List.of("a\r\nb: c", "a\nb", "a\rb", "a\0b")) {
                assertThatThrownBy(() -> client.openTcp(TARGET, HeaderFields.of("x", value)))
                        .isInstanceOf(IOException.class);
            }
            assertThat(front.service().wasAsked()).isFalse();
            assertEchoes(client);
        }
    }

    /// Two relays on one port, HTTP/3 and the others, so that each leg of a race can be answered by
    /// itself.
    private static final class Course implements AutoCloseable {
        final TestFront overUdp;
        final TestFront overTcp;
        private final EventLoops loops = EventLoops.start(1);
        private final RelayDialer dialer;
        private final Connections connections;

        Course(Transports transports) throws IOException {
            var fronts = onOnePort();
            overTcp = fronts.overTcp;
            overUdp = fronts.overUdp;
            int port = overTcp.address().getPort();
            dialer =
                    new RelayDialer(
                            new RelayDialer.Parts(
                                    loops,
                                    TestFront::clientTls,
                                    ConnectionSettings.STANDARD,
                                    CapsulePolicy.STANDARD,
                                    TunnelListener.SILENT));
            connections =
                    new Connections(
                            loops.all().getFirst(),
                            dialer,
                            NextHop.of(
                                    overUdp.address(),
                                    new HostPort("localhost", port),
                                    UriTemplate.UDP),
                            Duration.ofSeconds(10),
                            transports);
        }

        private record Fronts(TestFront overTcp, TestFront overUdp) {}

        /// A port that is free for TCP need not be so for UDP.
        private static Fronts onOnePort() throws IOException {
            while (true) {
                var overTcp =
                        TestFront.of(EnumSet.of(HttpVersion.H2, HttpVersion.H1), 0, Answer.LATER);
                int port = overTcp.address().getPort();
                try {
                    return new Fronts(
                            overTcp, TestFront.of(EnumSet.of(HttpVersion.H3), port, Answer.LATER));
                } catch (BindException _) {
                    overTcp.close();
                }
            }
        }

        /// Opens a tunnel, and says hello on it once it is there.
        CompletableFuture<BlockingTcpTunnel> open() {
            var opened = new CompletableFuture<BlockingTcpTunnel>();
            var loop = loops.all().getFirst();
            loop.execute(() ->
                    connections.open(
                            new Connections.Order(TunnelKind.TCP, TARGET, HeaderFields.NONE),
                            new Race.Finish<TunnelStream, IOException>() {
                                @Override
                                public void won(TunnelStream tunnel) {
                                    opened.complete(new BlockingTcpTunnel(loop, tunnel));
                                }

                                @Override
                                public void lost(IOException failure) {
                                    opened.completeExceptionally(failure);
                                }
                            }));
            return opened;
        }

        @Override
        public void close() {
            loops.all().getFirst().submit(connections::close).awaitUninterruptibly(2000);
            dialer.close();
            overTcp.close();
            overUdp.close();
            loops.close();
        }
    }

    private static Transports together(HttpVersion second) {
        return Transports.of(List.of(HttpVersion.H3, second), List.of(Duration.ofMillis(1)));
    }

    private static void refuse(TunnelExchange exchange) {
        exchange.eventLoop().execute(() -> exchange.refuse(RefusalReason.FORBIDDEN.because("")));
    }

    private static void assertEchoes(BlockingTcpTunnel tunnel) throws IOException {
        tunnel.output().write("hello".getBytes(UTF_8));
        assertThat(tunnel.input().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
    }

    @DisplayName(
            "R9: the first 2xx wins, the others' requests are given up, their connections closed")
    @Test
    void givesUpTheOthers() throws Exception {
        try (var course = new Course(together(HttpVersion.H2))) {
            var opened = course.open();
            var slow = course.overUdp.service().next();
            course.overTcp.service().acceptLater(course.overTcp.service().next());
            assertEchoes(opened.get(10, TimeUnit.SECONDS));
            Await.until("the slow request is given up", slow::isAbandoned);
            Await.until(
                    "its connection is closed",
                    () -> course.overUdp.listener().openConnections() == 0);
            slow.eventLoop().execute(slow::abandon);
        }
    }

    @DisplayName("R9: a loser that answers 2xx all the same is reset before a byte passes")
    @Test
    void resetsALoserThatOpensLate() throws Exception {
        try (var course = new Course(together(HttpVersion.H2))) {
            var opened = course.open();
            var one = course.overUdp.service().next();
            var other = course.overTcp.service().next();
            course.overUdp.service().acceptLater(one);
            course.overTcp.service().acceptLater(other);
            var tunnel = opened.get(10, TimeUnit.SECONDS);
            assertEchoes(tunnel);
            var ends = new CompletableFuture<StreamEnd>();
            for (var front : List.of(course.overUdp, course.overTcp)) {
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                ends.complete(front.service().nextEnd());
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                            }
                        });
            }
            assertThat(ends.get(10, TimeUnit.SECONDS)).isEqualTo(StreamEnd.RESET);
            assertEchoes(tunnel); // Which was the other one's.
            tunnel.close();
        }
    }

    @DisplayName("R9: a refusal keeps the versions that have not started from starting")
    @Test
    void endsWithARefusal() throws Exception {
        var transports =
                Transports.of(
                        List.of(HttpVersion.H3, HttpVersion.H2), List.of(Duration.ofHours(1)));
        try (var course = new Course(transports)) {
            var opened = course.open();
            refuse(course.overUdp.service().next());
            assertThatThrownBy(() -> opened.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            TunnelRefusedException.class,
                            refused -> assertThat(refused.status()).isEqualTo(403));
            assertThat(course.overTcp.service().wasAsked()).isFalse();
        }
    }

    @DisplayName("R9: a refusal waits for those that run, one of which may still win")
    @Test
    void letsRunningLegsEnd() throws Exception {
        try (var course = new Course(together(HttpVersion.H2))) {
            var opened = course.open();
            var other = course.overTcp.service().next();
            refuse(course.overUdp.service().next());
            course.overTcp.service().acceptLater(other);
            assertEchoes(opened.get(10, TimeUnit.SECONDS));
            Await.until(
                    "the connection of the refusal is closed",
                    () -> course.overUdp.listener().openConnections() == 0);
        }
        try (var course = new Course(together(HttpVersion.H2))) {
            var opened = course.open();
            refuse(course.overTcp.service().next());
            refuse(course.overUdp.service().next());
            assertThatThrownBy(() -> opened.get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(TunnelRefusedException.class);
        }
    }

    @DisplayName("R9, R2 9931 6.3: over HTTP/1.1 nothing is sent before the answer")
    @Test
    void sendsNothingBeforeTheAnswerOverHttp1() throws Exception {
        try (var course = new Course(Transports.only(HttpVersion.H1))) {
            var opened = course.open();
            var exchange = course.overTcp.service().next();
            assertThat(exchange.request().head().protocol()).isEqualTo("connect-tcp-12");
            assertThat(opened).isNotDone();
            course.overTcp.service().acceptLater(exchange);
            assertEchoes(opened.get(10, TimeUnit.SECONDS));
        }
    }
}
