package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.RawH2Options;
import org.masquerelay.testkit.RawH2Options.Automatic;
import org.masquerelay.testkit.ScriptedH2Relay;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// The client of an HTTP/2 connection asks by PING (RFC 9113, section 6.7) whether its peer is
/// still there.
@Timeout(60)
final class H2SignOfLifeTest {
    private static final RawH2Options ANSWERING =
            RawH2Options.STANDARD.withSettings(ScriptedRelay.ENABLE_CONNECT_PROTOCOL, 1);
    private static final RawH2Options SILENT = ANSWERING.without(Automatic.PING_ACK);

    /// Three times the time between two PINGs.
    private static final Duration SHORT = Duration.ofMillis(600);

    private static final Duration LONG = Duration.ofMinutes(10);

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    /// A connection with one tunnel on it: nothing more comes from the peer but answers to PING.
    private static final class Line implements RelayConnection.Observer, AutoCloseable {
        final ScriptedH2Relay relay;
        final CompletableFuture<Failure> closed = new CompletableFuture<>();
        private final EventLoops loops = EventLoops.start(1);
        private final RelayDialer dialer;
        private final CompletableFuture<Boolean> up = new CompletableFuture<>();
        private final CompletableFuture<TunnelStream> tunnel = new CompletableFuture<>();
        private final RelayConnection connection;

        Line(RawH2Options peer, Duration idleTimeout) throws Exception {
            relay = new ScriptedH2Relay(TestFront.PKI.egressServer(), peer);
            dialer =
                    new RelayDialer(
                            new RelayDialer.Parts(
                                    loops,
                                    TestFront::clientTls,
                                    ConnectionSettings.STANDARD.withIdleTimeout(idleTimeout),
                                    CapsulePolicy.STANDARD,
                                    TunnelListener.SILENT));
            connection = loops.all().getFirst().submit(this::dial).get(10, TimeUnit.SECONDS);
            var request = CompletableFuture.supplyAsync(this::nextRequest);
            up.get(10, TimeUnit.SECONDS);
            onLoop(this::open);
            request.get(10, TimeUnit.SECONDS).answer(200);
            tunnel.get(10, TimeUnit.SECONDS);
        }

        private RelayConnection dial() {
            int port = relay.address().getPort();
            var hop = NextHop.of(relay.address(), new HostPort("localhost", port), UriTemplate.UDP);
            return dialer.dial(HttpVersion.H2, loops.all().getFirst(), hop, 10_000, this);
        }

        private ScriptedRelay.Incoming nextRequest() {
            try {
                return relay.next();
            } catch (IOException | InterruptedException failure) {
                throw new AssertionError(failure);
            }
        }

        private void open() {
            connection.open(
                    TunnelKind.TCP,
                    Optional.of(new HostPort("target.test", 7)),
                    HeaderFields.NONE,
                    new TunnelAnswer() {
                        @Override
                        public void opened(TunnelStream stream, HeaderFields fields) {
                            tunnel.complete(stream);
                        }

                        @Override
                        public void refused(int status, HeaderFields fields) {
                            tunnel.completeExceptionally(new IOException("refused: " + status));
                        }

                        @Override
                        public void failed(Failure failure) {
                            tunnel.completeExceptionally(new IOException("failed: " + failure));
                        }
                    });
        }

        void onLoop(Runnable action) {
            loops.all().getFirst().submit(action).syncUninterruptibly();
        }

        boolean isUp() throws Exception {
            return loops.all().getFirst().submit(() -> connection.isUp()).get();
        }

        CompletableFuture<Boolean> listen(long millis) {
            var alive = new CompletableFuture<Boolean>();
            onLoop(() -> connection.listen(millis, alive::complete));
            return alive;
        }

        @Override
        public void up() {
            up.complete(true);
        }

        @Override
        public void goingAway() {}

        @Override
        public void closed(Failure failure) {
            closed.complete(failure);
        }

        @Override
        public void close() {
            onLoop(connection::close);
            dialer.close();
            relay.close();
            loops.close();
        }
    }

    @Test
    void closesAConnectionWhosePeerAnswersNoPingAnyMore() throws Exception {
        try (var line = new Line(SILENT, SHORT)) {
            assertThat(line.closed.get(10, TimeUnit.SECONDS)).isEqualTo(Failure.TERMINATED);
            assertThat(line.relay.pings()).as("it was asked").isGreaterThan(1);
        }
    }

    @Test
    void keepsAConnectionWhosePeerAnswers() throws Exception {
        try (var line = new Line(ANSWERING, SHORT)) {
            Await.until("it is asked again and again", () -> line.relay.pings() > 8);
            assertThat(line.isUp()).isTrue();
        }
    }

    /// As after the process was stopped: answers may wait that were not read.
    @Test
    void takesATimeWithoutReadingForNoSilenceOfThePeer() throws Exception {
        try (var line = new Line(ANSWERING, SHORT)) {
            line.onLoop(() -> {
                long end = System.nanoTime() + SHORT.multipliedBy(3).toNanos();
                while (System.nanoTime() < end) {
                    LockSupport.parkNanos(end - System.nanoTime());
                }
            });
            int before = line.relay.pings();
            Await.until("it is asked again", () -> line.relay.pings() > before + 4);
            assertThat(line.isUp()).isTrue();
        }
    }

    @Test
    void hearsAPeerThatAnswersAndNoOther() throws Exception {
        try (var line = new Line(ANSWERING, LONG)) {
            assertThat(line.listen(2_000).get(10, TimeUnit.SECONDS)).isTrue();
        }
        try (var line = new Line(SILENT, LONG)) {
            assertThat(line.listen(500).get(10, TimeUnit.SECONDS)).isFalse();
            assertThat(line.isUp()).as("who asked decides").isTrue();
            assertThat(line.relay.pings()).isEqualTo(1);
        }
    }

    @Test
    void saysNothingOfAConnectionThatEndsMeanwhile() throws Exception {
        try (var line = new Line(SILENT, LONG)) {
            var alive = line.listen(300);
            line.onLoop(line.connection::close);
            assertThatThrownBy(() -> alive.get(600, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
        }
    }
}
