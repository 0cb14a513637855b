package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// What a client takes for the answer to a bind request.
@Timeout(60)
final class BindAskTest {
    private static final HeaderFields BOUND =
            HeaderFields.of("connect-udp-bind", "?1")
                    .with("proxy-public-address", "\"192.0.2.45:54321\"");

    private final EventLoops loops = EventLoops.start(1);
    private HeaderFields answered = HeaderFields.NONE;
    private Front front;
    private RelayConnection connection;

    @BeforeEach
    void open() throws Exception {
        var plain = Offer.STANDARD;
        var settings =
                FrontSettings.standard(
                                "relay",
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                ClientCertificates.IGNORED)
                        .with(
                                new Offer(
                                        plain.udpTemplates(),
                                        plain.connectTcp(),
                                        true,
                                        plain.authorities()));
        front =
                Front.open(
                        loops,
                        settings,
                        TestFront.PKI::egressServer,
                        new Service(),
                        TunnelListener.SILENT);
        connection = connect();
    }

    @AfterEach
    void close() throws Exception {
        loops.all().getFirst().submit(connection::close).sync();
        front.close();
        loops.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    /// Answers every request with the fields that the test has chosen.
    private final class Service implements TunnelService {
        @Override
        public void open(TunnelExchange exchange) {
            exchange.accept(answered).attach(new Deaf());
        }

        @Override
        public void respond(PlainRequest request, Peer peer, Consumer<PlainResponse> then) {
            then.accept(PlainResponse.empty(404));
        }
    }

    private static final class Deaf implements TunnelSink {
        @Override
        public void received(ByteBuf payload) {
            payload.release();
        }

        @Override
        public void finished() {}

        @Override
        public void writable() {}

        @Override
        public void closed(StreamEnd end) {}
    }

    private RelayConnection connect() throws Exception {
        var up = new CompletableFuture<Boolean>();
        var loop = loops.all().getFirst();
        var dialer =
                new RelayDialer(
                        new RelayDialer.Parts(
                                loops,
                                TestFront::clientTls,
                                ConnectionSettings.STANDARD,
                                CapsulePolicy.STANDARD,
                                TunnelListener.SILENT));
        var hop =
                NextHop.of(
                        front.address(),
                        new HostPort("localhost", front.address().getPort()),
                        UriTemplate.UDP);
        var observer =
                new RelayConnection.Observer() {
                    @Override
                    public void up() {
                        up.complete(true);
                    }

                    @Override
                    public void goingAway() {}

                    @Override
                    public void closed(Failure failure) {
                        up.completeExceptionally(new IOException(failure.name()));
                    }
                };
        var dialled =
                loop.submit(() -> dialer.dial(HttpVersion.H3, loop, hop, 5000, observer)).get();
        up.get(10, TimeUnit.SECONDS);
        return dialled;
    }

    /// Why a request of this kind failed, or null if its tunnel was opened.
    private @Nullable Failure ask(TunnelKind kind) throws Exception {
        return ask(kind, HeaderFields.NONE);
    }

    private @Nullable Failure ask(TunnelKind kind, HeaderFields fields) throws Exception {
        var outcome = new CompletableFuture<Optional<Failure>>();
        var answer =
                new TunnelAnswer() {
                    @Override
                    public void opened(TunnelStream tunnel, HeaderFields fields) {
                        tunnel.attach(new Deaf());
                        tunnel.finish();
                        outcome.complete(Optional.empty());
                    }

                    @Override
                    public void refused(int status, HeaderFields fields) {
                        outcome.completeExceptionally(new IOException("status " + status));
                    }

                    @Override
                    public void failed(Failure failure) {
                        outcome.complete(Optional.of(failure));
                    }
                };
        loops.all()
                .getFirst()
                .execute(() -> {
                    var scope =
                            kind == TunnelKind.BIND
                                    ? Optional.<HostPort>empty()
                                    : Optional.of(new HostPort("192.0.2.1", 9));
                    connection.open(kind, scope, fields, answer);
                });
        return outcome.get(10, TimeUnit.SECONDS).orElse(null);
    }

    @Test
    @DisplayName("103 R10 2 a bind answered with both fields is opened")
    void takesAnAnswerThatIsWhole() throws Exception {
        answered = BOUND;
        assertThat(ask(TunnelKind.BIND)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "connect-udp-bind, ?1",
        "proxy-public-address, '\"192.0.2.45:54321\"'",
        "x-other, y"
    })
    @DisplayName("103 R10 2 a bind answered without one of the fields is refused by the client")
    void refusesAnAnswerThatLacksAField(String name, String value) throws Exception {
        answered = HeaderFields.of(name, value);
        assertThat(ask(TunnelKind.BIND)).isEqualTo(Failure.PROTOCOL);
    }

    @ParameterizedTest
    @CsvSource({"?0", "1", "'?1, ?1'"})
    @DisplayName("103 R10 2 connect-udp-bind is true or absent")
    void refusesAnAnswerThatIsNotTrue(String bind) throws Exception {
        answered =
                HeaderFields.of("connect-udp-bind", bind)
                        .with("proxy-public-address", "\"192.0.2.45:54321\"");
        assertThat(ask(TunnelKind.BIND)).isEqualTo(Failure.PROTOCOL);
    }

    @Test
    @DisplayName("a request that cannot be written fails alone, and the connection takes others")
    void keepsTheConnectionOfARequestThatCannotBeWritten() throws Exception {
        answered = HeaderFields.NONE;
        assertThat(ask(TunnelKind.UDP, HeaderFields.of("via", "1.1 a\u0001")))
                .isEqualTo(Failure.UNSENT);
        assertThat(connection.isUp()).isTrue();
        assertThat(ask(TunnelKind.UDP)).isNull();
    }

    @Test
    @DisplayName("103 R10 2 a UDP tunnel needs neither field")
    void asksNothingOfOtherTunnels() throws Exception {
        answered = HeaderFields.NONE;
        assertThat(ask(TunnelKind.UDP)).isNull();
    }
}
