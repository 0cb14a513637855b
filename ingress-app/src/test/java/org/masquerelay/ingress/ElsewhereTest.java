package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.gate.CountingGate;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.TestFront;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.ingress.fleet.FailureCause;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.FleetSettings;
import org.masquerelay.ingress.fleet.FleetSettings.Ejection;
import org.masquerelay.ingress.fleet.FleetSettings.Sticky;
import org.masquerelay.ingress.fleet.RetryReason;
import org.masquerelay.ingress.passthrough.PassthroughSettings;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.Full;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

/// Which answers of an egress send a tunnel to the next one: those with which nothing was done.
@Timeout(60)
final class ElsewhereTest {
    private static final int H3_INTERNAL_ERROR = 0x102;
    private static final int H3_REQUEST_REJECTED = 0x10b;

    private final Fleet fleet =
            new Fleet(
                    new FleetSettings(
                            Sticky.NONE,
                            2,
                            Duration.ofMillis(600),
                            new Ejection(1, Duration.ofSeconds(30), Duration.ofSeconds(30), 0.5)),
                    Ticker.systemTicker(),
                    new Random());
    private final CountingGate gate = new CountingGate();
    private ScriptedRelay first;
    private ScriptedRelay second;
    private IngressPipeline ingress;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        first = ScriptedRelay.start(HttpVersion.H3, TestFront.PKI.egressServer());
        second = ScriptedRelay.start(HttpVersion.H3, TestFront.PKI.egressServer());
        var front =
                FrontSettings.standard(
                        "ingress",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ClientCertificates.IGNORED);
        ingress =
                IngressPipeline.start(
                        new IngressPipeline.Parts(
                                1,
                                List.of(front),
                                ListenerTls.same(TestFront.PKI::egressServer),
                                EgressDirectory.of(
                                        List.of(
                                                egress("first", first, 0),
                                                egress("second", second, 1))),
                                fleet,
                                UpstreamSettings.STANDARD,
                                TestFront::clientTls,
                                PassthroughSettings.NONE,
                                TenantWriter.NONE,
                                gate,
                                (_, _) -> PlainResponse.empty(404),
                                new Drain(),
                                new CountingListener()));
        client =
                RawClient.connect(
                        HttpVersion.H2, ingress.addresses().getFirst(), TestFront.PKI.client());
    }

    private static Egress egress(String name, ScriptedRelay relay, int priority) {
        var origin = new HostPort("localhost", relay.address().getPort());
        return new Egress(name, origin, Optional.of(relay.address()), priority, 1);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        ingress.close();
        first.close();
        second.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private RawTunnel ask() throws Exception {
        return client.connect("target.test:7");
    }

    private void assertSecondServes(RawTunnel tunnel, RetryReason reason) throws Exception {
        second.next().answer(200);
        assertThat(tunnel.awaitHead().status()).isEqualTo(200);
        assertThat(fleet.retries(reason).sum()).isEqualTo(1);
    }

    private void assertFirstDecides(RawTunnel tunnel, int status) throws Exception {
        assertThat(tunnel.awaitHead().status()).isEqualTo(status);
        for (var reason : RetryReason.values()) {
            assertThat(fleet.retries(reason).sum()).isZero();
        }
    }

    @Test
    void goesElsewhereFromAnEgressThatDrains() throws Exception {
        var tunnel = ask();
        first.next()
                .answer(
                        503,
                        "proxy-status",
                        "e;error=proxy_internal_error;details=\"this relay is draining\"");
        assertSecondServes(tunnel, RetryReason.DRAINING);
        assertThat(fleet.standings().getFirst().why()).contains("draining");
    }

    @Test
    void goesElsewhereFromAnEgressThatIsFull() throws Exception {
        var tunnel = ask();
        first.next()
                .answer(
                        503,
                        "proxy-status",
                        "e;error=proxy_internal_error;details=\"" + Full.DETAILS + "\"");
        assertSecondServes(tunnel, RetryReason.FULL);
        assertThat(fleet.standings().getFirst().why()).contains("full");
    }

    @Test
    void goesElsewhereFromAnEgressThatCannotServeThisTunnelAndRestsItNot() throws Exception {
        var tunnel = ask();
        first.next().answer(503, "proxy-status", "e;error=connection_limit_reached");
        assertSecondServes(tunnel, RetryReason.FULL);
        assertThat(fleet.standings().getFirst().why()).isEmpty();
    }

    @Test
    void goesElsewhereFromABalancerThatHasNoEgress() throws Exception {
        var tunnel = ask();
        first.next().answer(503);
        assertSecondServes(tunnel, RetryReason.UNAVAILABLE);
        assertThat(fleet.ejections(FailureCause.GATEWAY).sum()).isEqualTo(1);
    }

    private void assertToken(int spent, int givenBack) {
        assertThat(gate.spent()).isEqualTo(spent);
        assertThat(gate.givenBack()).isEqualTo(givenBack);
    }

    @Test
    void givesTheTokenBackWhenNoBalancerHasAnEgress() throws Exception {
        var tunnel = ask();
        first.next().answer(503);
        second.next().answer(503);
        assertThat(tunnel.awaitHead().status()).isEqualTo(503);
        assertToken(0, 1);
    }

    @Test
    void goesElsewhereFromAnEgressThatRejectsTheRequestUnread() throws Exception {
        var tunnel = ask();
        first.next().reset(H3_REQUEST_REJECTED);
        assertSecondServes(tunnel, RetryReason.FULL);
    }

    @Test
    void goesElsewhereWhenTheConnectionIsLost() throws Exception {
        var tunnel = ask();
        first.next();
        first.close();
        assertSecondServes(tunnel, RetryReason.LOST);
        assertThat(fleet.ejections(FailureCause.LOST).sum()).isEqualTo(1);
    }

    @Test
    void staysWithAnEgressThatTakesItsTime() throws Exception {
        var tunnel = ask();
        var request = first.next();
        long asked = System.nanoTime();
        Await.until(
                "more than the patience is over",
                () -> System.nanoTime() - asked > Duration.ofMillis(1500).toNanos());
        request.answer(200);
        assertFirstDecides(tunnel, 200);
    }

    @Test
    void passesOnWhatABalancerSaysThatMayHaveAskedAnEgress() throws Exception {
        var tunnel = ask();
        first.next().answer(502);
        assertFirstDecides(tunnel, 502);
        assertToken(1, 0);
        assertThat(fleet.ejections(FailureCause.GATEWAY).sum()).isEqualTo(1);
    }

    @Test
    void passesOnWhatAPolicyRefuses() throws Exception {
        var tunnel = ask();
        first.next().answer(403, "proxy-status", "e;error=http_request_denied");
        assertFirstDecides(tunnel, 403);
    }

    @Test
    void passesOnWhatATargetDoesAndHoldsItAgainstNoEgress() throws Exception {
        var tunnel = ask();
        first.next().answer(502, "proxy-status", "e;error=connection_refused");
        assertFirstDecides(tunnel, 502);
        assertThat(fleet.standings()).allMatch(standing -> !standing.out());
    }

    @Test
    void asksNobodyElseWhenTheEgressMayHaveActed() throws Exception {
        var tunnel = ask();
        first.next().reset(H3_INTERNAL_ERROR);
        assertFirstDecides(tunnel, 502);
        assertToken(1, 0);
    }

    @Test
    void asksNobodyElseWhenTheEgressAnswersWhatIsNoAnswer() throws Exception {
        var tunnel = ask();
        first.next().finish();
        assertFirstDecides(tunnel, 502);
        assertToken(1, 0);
        assertThat(fleet.ejections(FailureCause.LOST).sum()).isZero();
        var later = ask();
        first.next().answer(200);
        assertFirstDecides(later, 200);
    }
}
