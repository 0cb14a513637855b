package org.masquerelay.egress.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.egress.limit.RateLimits.Limited;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Traffic;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.splice.Lingering;
import org.masquerelay.splice.Splice;
import org.masquerelay.splice.TunnelTimes;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.FakeTunnelStream;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelSink;

/// What comes through tunnels in memory, at a time that the test lets pass.
@Timeout(30)
final class RateLimitsTest {
    private static final Duration BURST = Duration.ofSeconds(1);
    private static final Optional<Tenant> ALICE = Optional.of(new Tenant("alice"));
    private static final Optional<Tenant> BOB = Optional.of(new Tenant("bob"));

    private final MockTicker time = Ticker.newMockTicker();
    private final EmbeddedChannel clock = EmbeddedChannel.builder().ticker(time).build();
    private final CountingListener listener = new CountingListener();

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static TunnelTags tags(TunnelKind kind) {
        return new TunnelTags(kind, HttpVersion.H3, "main");
    }

    private RateLimits limits(Rates tunnel, Rates tenant) {
        return new RateLimits(new RateSettings(tunnel, tenant), listener, time);
    }

    private void pass(long millis) {
        time.advanceMillis(millis);
        clock.runScheduledPendingTasks();
    }

    /// A tunnel whose ends the test plays.
    private final class Tunnel {
        private final FakeTunnelStream client = new FakeTunnelStream();
        private final FakeTunnelStream target = new FakeTunnelStream();

        Tunnel(RateLimits limits, TunnelKind kind, Optional<Tenant> tenant) {
            this(limits, kind, tenant, TunnelTimes.idle(Duration.ZERO));
        }

        Tunnel(RateLimits limits, TunnelKind kind, Optional<Tenant> tenant, TunnelTimes times) {
            Limited limited = limits.limit(tags(kind), tenant, clock.eventLoop());
            Splice.join(
                    kind,
                    limited.client(client),
                    limited.target(target),
                    new Traffic(),
                    clock.eventLoop(),
                    times,
                    new Lingering(),
                    _ -> limited.close());
        }

        Tunnel ask(int times) {
            for (int i = 0; i < times; i++) {
                client.peerSends("12345678");
            }
            return this;
        }

        Tunnel answer(int times) {
            for (int i = 0; i < times; i++) {
                target.peerSends("12345678");
            }
            return this;
        }

        int asked() {
            return target.written().size();
        }

        int answered() {
            return client.written().size();
        }

        void end() {
            client.ends(StreamEnd.FINISHED);
            target.ends(StreamEnd.FINISHED);
        }
    }

    @Test
    void leavesTheEndsAsTheyAreWithoutLimits() {
        var client = new FakeTunnelStream();
        var none =
                limits(Rates.NONE, Rates.NONE)
                        .limit(tags(TunnelKind.UDP), ALICE, clock.eventLoop());
        assertThat(none.client(client)).isSameAs(client);
        assertThat(none.target(client)).isSameAs(client);
        var ofTenants =
                limits(Rates.NONE, new Rates(1, 0, BURST))
                        .limit(tags(TunnelKind.UDP), Optional.empty(), clock.eventLoop());
        assertThat(ofTenants.client(client)).isSameAs(client);
    }

    @Test
    void dropsAndCountsDatagramsBeyondThePacketsOfATunnel() {
        var limits = limits(new Rates(10, 0, BURST), Rates.NONE);
        var tunnel = new Tunnel(limits, TunnelKind.UDP, Optional.empty()).ask(30).answer(4);
        assertThat(tunnel.asked()).isEqualTo(10);
        assertThat(tunnel.answered()).as("the other direction").isEqualTo(4);
        assertThat(listener.drops(DropReason.RATE_LIMITED)).isEqualTo(20);
        pass(300);
        assertThat(tunnel.ask(30).asked()).isEqualTo(13);
        assertThat(new Tunnel(limits, TunnelKind.UDP, Optional.empty()).ask(30).asked())
                .as("another tunnel")
                .isEqualTo(10);
    }

    @Test
    void dropsDatagramsBeyondTheBytesOfATunnel() {
        var limits = limits(new Rates(1000, 80, BURST), Rates.NONE);
        var tunnel = new Tunnel(limits, TunnelKind.UDP, Optional.empty()).answer(30);
        assertThat(tunnel.answered()).isEqualTo(10);
        pass(500);
        assertThat(tunnel.answer(30).answered()).isEqualTo(15);
    }

    @Test
    void sharesThePacketsOfATenantAmongItsTunnelsAlone() {
        var limits = limits(Rates.NONE, new Rates(10, 0, BURST));
        var first = new Tunnel(limits, TunnelKind.UDP, ALICE).ask(6);
        var second = new Tunnel(limits, TunnelKind.UDP, ALICE).ask(6);
        assertThat(first.asked() + second.asked()).isEqualTo(10);
        assertThat(new Tunnel(limits, TunnelKind.UDP, BOB).ask(12).asked()).isEqualTo(10);
        assertThat(new Tunnel(limits, TunnelKind.UDP, Optional.empty()).ask(12).asked())
                .isEqualTo(12);
    }

    @Test
    void keepsTheDebtOfATenantUntilItIsPaidThoughItsTunnelsEnd() {
        var limits = limits(Rates.NONE, new Rates(10, 0, BURST));
        new Tunnel(limits, TunnelKind.UDP, ALICE).ask(10).end();
        assertThat(limits.tenants()).isEqualTo(1);
        pass(200);
        var again = new Tunnel(limits, TunnelKind.UDP, ALICE).ask(10);
        assertThat(again.asked()).isEqualTo(2);
        pass(900);
        assertThat(limits.tenants()).isEqualTo(1);
        again.end();
        pass(1000);
        assertThat(limits.tenants()).isZero();
    }

    @Test
    void forgetsATenantThoughItWasChargedAfterItsLastTunnel() {
        var tenants = new TenantMeters(new Rates(10, 0, BURST), time);
        var alice = new Tenant("alice");
        var shared = tenants.enter(alice);
        shared.in().charge(1, time.nanoTime());
        tenants.leave(alice, clock.eventLoop());
        pass(50);
        shared.in().charge(1, time.nanoTime());
        pass(50);
        assertThat(tenants.size()).as("still in debt").isEqualTo(1);
        pass(100);
        assertThat(tenants.size()).isZero();
    }

    @Test
    void chargesNothingOnceAStreamIsClosed() {
        var limits = limits(new Rates(0, 80, BURST), Rates.NONE);
        var client = new FakeTunnelStream();
        var limited = limits.limit(tags(TunnelKind.TCP), Optional.empty(), clock.eventLoop());
        limited.client(client).attach(new ClosingSink(client));
        client.peerSends("x".repeat(1000));
        assertThat(client.isPaused()).isFalse();
        assertThat(clock.runScheduledPendingTasks()).as("no timer").isEqualTo(-1);
    }

    /// Takes bytes by which the stream they come from ends.
    private record ClosingSink(FakeTunnelStream stream) implements TunnelSink {
        @Override
        public void received(ByteBuf payload) {
            payload.release();
            stream.ends(StreamEnd.RESET);
        }

        @Override
        public void datagram(ByteBuf datagram) {
            datagram.release();
        }

        @Override
        public void capsule(ByteBuf part, boolean last) {
            part.release();
        }

        @Override
        public void finished() {}

        @Override
        public void writable() {}

        @Override
        public void violated(ResetCause cause) {}

        @Override
        public void closed(StreamEnd end) {}
    }

    @Test
    void stopsReadingAStreamUntilItMayGoOn() {
        var limits = limits(new Rates(1, 80, BURST), Rates.NONE);
        var tunnel = new Tunnel(limits, TunnelKind.TCP, Optional.empty()).ask(10);
        assertThat(tunnel.client.isPaused()).isFalse();
        tunnel.ask(4);
        assertThat(tunnel.client.isPaused()).isTrue();
        assertThat(tunnel.target.isPaused()).isFalse();
        assertThat(tunnel.asked()).as("nothing is dropped").isEqualTo(14);
        pass(399);
        assertThat(tunnel.client.isPaused()).isTrue();
        pass(2);
        assertThat(tunnel.client.isPaused()).isFalse();
        assertThat(listener.drops(DropReason.RATE_LIMITED)).isZero();
        tunnel.end();
    }

    @Test
    void isPatientWithATargetThatItHoldsBackAfterTheClientHasFinished() {
        var limits = limits(new Rates(0, 80, BURST), Rates.NONE);
        var times = new TunnelTimes(Duration.ofHours(1), Duration.ofSeconds(4), Duration.ZERO);
        var tunnel = new Tunnel(limits, TunnelKind.TCP, Optional.empty(), times);
        tunnel.client.peer().finished();
        tunnel.answer(110);
        for (int i = 0; i < 9; i++) {
            pass(1000);
        }
        assertThat(tunnel.target.isPaused()).isTrue();
        assertThat(tunnel.target.resetCause()).isNull();
        for (int i = 0; i < 7; i++) {
            pass(1000);
        }
        assertThat(tunnel.target.resetCause()).as("it may go on").isNotNull();
    }

    @Test
    void readsAStreamOnlyWhenTheOtherSideTakesMoreAsWell() {
        var limits = limits(new Rates(0, 80, BURST), Rates.NONE);
        var tunnel = new Tunnel(limits, TunnelKind.TCP, Optional.empty());
        tunnel.target.fillUp();
        tunnel.ask(12);
        pass(1000);
        assertThat(tunnel.client.isPaused()).as("the target is full").isTrue();
        tunnel.target.drainAll();
        assertThat(tunnel.client.isPaused()).isFalse();
        tunnel.ask(12);
        tunnel.target.drainAll();
        assertThat(tunnel.client.isPaused()).as("too fast").isTrue();
        pass(5000);
        assertThat(tunnel.client.isPaused()).isFalse();
    }

    @Test
    void hasTheStreamsOfATenantTakeTurns() {
        var limits = limits(Rates.NONE, new Rates(0, 80, BURST));
        var first = new Tunnel(limits, TunnelKind.TCP, ALICE).ask(20);
        var second = new Tunnel(limits, TunnelKind.TCP, ALICE).ask(10);
        pass(1001);
        assertThat(first.client.isPaused()).isFalse();
        assertThat(second.client.isPaused()).isTrue();
        pass(1000);
        assertThat(second.client.isPaused()).isFalse();
    }

    @Test
    void leavesNoTimerBehind() {
        var limits = limits(new Rates(0, 80, BURST), Rates.NONE);
        var tunnel = new Tunnel(limits, TunnelKind.TCP, Optional.empty()).ask(20).answer(20);
        tunnel.end();
        assertThat(clock.hasPendingTasks()).isFalse();
        assertThat(clock.runScheduledPendingTasks()).isEqualTo(-1);
    }
}
