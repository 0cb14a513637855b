package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.gate.CountingGate;
import org.masquerelay.gate.Decision;
import org.masquerelay.http.ForwardingExchange;
import org.masquerelay.http.Front;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.TestFront;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.http.TunnelService;
import org.masquerelay.ingress.fleet.FailureCause;
import org.masquerelay.ingress.upstream.UpstreamFixture;
import org.masquerelay.splice.OpenTunnels;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;

/// An egress that takes requests and never answers.
@Timeout(60)
final class SilentEgressTest {
    private static final int H3_REQUEST_CANCELLED = 0x10c;

    private final CountingGate gate = new CountingGate();
    private final CountingListener listener = new CountingListener();

    private final MockTicker clock = Ticker.newMockTicker();

    /// Its timers are those of the tunnels.
    private final EmbeddedChannel timers = EmbeddedChannel.builder().ticker(clock).build();

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    /// An ingress but for its clock.
    private final class Service implements TunnelService {
        private final UpstreamFixture upstream;
        private final Chain chain = new Chain("ingress", false);
        private final OpenTunnels tunnels = new OpenTunnels(listener, Ticker.systemTicker());

        Service(UpstreamFixture upstream) {
            this.upstream = upstream;
        }

        @Override
        public void open(TunnelExchange exchange) {
            gate.decide(
                    exchange,
                    decision ->
                            new UpstreamTunnel(
                                            upstream.pool(),
                                            chain,
                                            TenantWriter.NONE,
                                            tunnels,
                                            new Timed(exchange),
                                            ((Decision.Admitted) decision).admission())
                                    .start());
        }

        @Override
        public void respond(PlainRequest request, Peer peer, Consumer<PlainResponse> then) {
            then.accept(PlainResponse.empty(404));
        }
    }

    private final class Timed extends ForwardingExchange {
        Timed(TunnelExchange exchange) {
            super(exchange);
        }

        @Override
        public EventLoop eventLoop() {
            return timers.eventLoop();
        }
    }

    private void passSeconds(UpstreamFixture upstream, long seconds) {
        upstream.onLoop(() -> {
            clock.advance(seconds, TimeUnit.SECONDS);
            timers.runScheduledPendingTasks();
        });
    }

    @Test
    void isGivenUpAfter90SecondsAndCountsAsFailed() throws Exception {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var egress = ScriptedRelay.start(HttpVersion.H3, TestFront.PKI.egressServer());
                var upstream = new UpstreamFixture(egress.address());
                var front =
                        Front.open(
                                upstream.loops(),
                                FrontSettings.standard(
                                        "ingress", address, ClientCertificates.IGNORED),
                                TestFront.PKI::ingressServer,
                                new Service(upstream),
                                listener);
                var client =
                        RawClient.connect(
                                HttpVersion.H2, front.address(), TestFront.PKI.client())) {
            var tunnel = client.connect("target.test:7");
            var request = egress.next();

            passSeconds(upstream, 89);
            assertThat(gate.spent()).as("it may still answer").isZero();
            assertThat(upstream.fleet().ejections(FailureCause.TIMEOUT).sum()).isZero();

            passSeconds(upstream, 1);
            var head = tunnel.awaitHead();
            assertThat(head.status()).isEqualTo(502);
            assertThat(head.fields().first("proxy-status").orElseThrow())
                    .contains("error=connection_timeout");
            assertThat(request.awaitReset()).isEqualTo(H3_REQUEST_CANCELLED);
            assertThat(gate.spent()).as("the egress may have acted").isEqualTo(1);
            assertThat(gate.givenBack()).isZero();
            assertThat(upstream.fleet().ejections(FailureCause.TIMEOUT).sum()).isEqualTo(1);
        }
    }
}
