package org.masquerelay.ingress.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.gate.Admission;
import org.masquerelay.gate.CountingGate;
import org.masquerelay.gate.Decision;
import org.masquerelay.gate.FakeExchange;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.ScriptedService.Answer;
import org.masquerelay.http.TestFront;
import org.masquerelay.http.TunnelAnswer;
import org.masquerelay.ingress.fleet.RetryReason;
import org.masquerelay.ingress.upstream.EgressPool.Outcome;
import org.masquerelay.testkit.Await;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelStream;

/// Who waits for a connection, and when connections close.
@Timeout(60)
final class EgressPoolTest {
    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static TestFront egress() throws Exception {
        return TestFront.of(EnumSet.of(HttpVersion.H3), 0, Answer.AT_ONCE);
    }

    /// A port where dials wait for an answer.
    private static DatagramSocket silence() throws Exception {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static InetSocketAddress at(DatagramSocket socket) {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    private static Admission admission(UpstreamFixture upstream) {
        var admitted = new CompletableFuture<Admission>();
        new CountingGate()
                .decide(
                        FakeExchange.tcp(upstream.loops().all().getFirst(), HeaderFields.NONE),
                        decision -> admitted.complete(((Decision.Admitted) decision).admission()));
        return admitted.join();
    }

    /// Asks for a lease for each of `told`, in one turn of the loop.
    private static void lease(UpstreamFixture upstream, List<Consumer<Outcome>> told) {
        upstream.onLoop(
                () -> told.forEach(one -> upstream.pool().route(admission(upstream)).lease(one)));
    }

    private static List<CompletableFuture<Outcome>> lease(UpstreamFixture upstream, int count) {
        var outcomes = Stream.generate(CompletableFuture<Outcome>::new).limit(count).toList();
        lease(
                upstream,
                outcomes.stream().<Consumer<Outcome>>map(outcome -> outcome::complete).toList());
        return outcomes;
    }

    private static Lease leased(CompletableFuture<Outcome> outcome) throws Exception {
        return ((Outcome.Leased) outcome.get(10, TimeUnit.SECONDS)).lease();
    }

    private static void assertRefused(
            CompletableFuture<Outcome> outcome, RefusalReason reason, String proxyStatus)
            throws Exception {
        assertThat(outcome.get(10, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Outcome.Unavailable.class,
                        refused -> {
                            assertThat(refused.why()).isEqualTo(RetryReason.UNAVAILABLE);
                            assertThat(refused.refusal().status()).isEqualTo(reason.status());
                            assertThat(refused.refusal().proxyStatus("ingress"))
                                    .contains(proxyStatus);
                        });
    }

    @Test
    void refusesTheWaiterThatFailsAndServesThoseBeforeAndAfterIt() throws Exception {
        var broken = new AtomicBoolean();
        Supplier<TlsMaterial> tls =
                () -> {
                    if (broken.get()) {
                        throw new IllegalStateException("no material");
                    }
                    return TestFront.clientTls();
                };
        try (var egress = egress();
                var upstream = new UpstreamFixture(egress.address(), tls)) {
            var first = new CompletableFuture<Outcome>();
            var second = new CompletableFuture<Outcome>();
            var third = new CompletableFuture<Outcome>();
            lease(
                    upstream,
                    List.of(
                            outcome -> {
                                broken.set(true);
                                first.complete(outcome);
                            },
                            outcome -> {
                                broken.set(false);
                                second.complete(outcome);
                            },
                            third::complete));
            leased(first);
            assertRefused(second, RefusalReason.INTERNAL, "the next hop cannot be asked");
            leased(third);
        }
    }

    @Test
    void servesTheOthersWhenAWaiterCannotUseItsLease() throws Exception {
        try (var egress = egress();
                var upstream = new UpstreamFixture(egress.address())) {
            var outcome = new CompletableFuture<Outcome>();
            lease(
                    upstream,
                    List.of(
                            _ -> {
                                throw new IllegalStateException("told once");
                            },
                            outcome::complete));
            leased(outcome);
        }
    }

    @Test
    void tellsThoseThatWaitThatItCloses() throws Exception {
        try (var silence = silence();
                var upstream = new UpstreamFixture(at(silence))) {
            var waiting = lease(upstream, 2);
            silence.receive(new DatagramPacket(new byte[2000], 2000)); // It is dialled.
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            upstream.onLoop(upstream.pool()::close);
            for (var outcome : waiting) {
                assertThat(outcome).as("told by whoever closes").isDone();
                assertRefused(outcome, RefusalReason.DRAINING, "this relay is closing");
            }
            var later = lease(upstream, 1).getFirst();
            assertThat(later).isDone();
            assertRefused(later, RefusalReason.DRAINING, "this relay is closing");
            assertThat(upstream.fleet().standings()).noneMatch(standing -> standing.out());
        }
    }

    private static void leaveTheFleet(UpstreamFixture upstream) {
        upstream.fleet().replace(List.of());
        upstream.onLoop(upstream.pool()::follow);
    }

    private static TunnelStream open(UpstreamFixture upstream, Lease lease) throws Exception {
        var tunnel = new CompletableFuture<TunnelStream>();
        upstream.onLoop(() ->
                lease.open(
                        HeaderFields.NONE,
                        new TunnelAnswer() {
                            @Override
                            public void opened(TunnelStream stream, HeaderFields fields) {
                                tunnel.complete(stream);
                            }

                            @Override
                            public void refused(int status, HeaderFields fields) {
                                tunnel.completeExceptionally(new AssertionError(status));
                            }

                            @Override
                            public void failed(Failure failure) {
                                tunnel.completeExceptionally(new AssertionError(failure));
                            }
                        }));
        return tunnel.get(10, TimeUnit.SECONDS);
    }

    @Test
    void closesARetiredConnectionWithItsLastLeaseAndNotBefore() throws Exception {
        try (var egress = egress();
                var upstream = new UpstreamFixture(egress.address())) {
            var outcomes = lease(upstream, 2);
            var first = leased(outcomes.getFirst());
            var last = leased(outcomes.getLast());
            leaveTheFleet(upstream);
            upstream.onLoop(first::release);
            var tunnel = open(upstream, last);
            assertThat(egress.listener().openConnections()).isEqualTo(1);
            upstream.onLoop(() -> tunnel.reset(ResetCause.CANCELLED));
            upstream.onLoop(last::release);
            Await.until("it is closed", () -> egress.listener().openConnections() == 0);
        }
    }

    @Test
    void closesAConnectionWithoutLeasesAsSoonAsItIsRetired() throws Exception {
        try (var egress = egress();
                var upstream = new UpstreamFixture(egress.address())) {
            var lease = leased(lease(upstream, 1).getFirst());
            open(upstream, lease);
            upstream.onLoop(lease::release);
            assertThat(egress.listener().openConnections()).isEqualTo(1);
            leaveTheFleet(upstream);
            Await.until("it is closed", () -> egress.listener().openConnections() == 0);
        }
    }
}
