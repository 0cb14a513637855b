package org.masquerelay.splice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.observe.Passed;
import org.masquerelay.observe.Traffic;
import org.masquerelay.testkit.FakeTunnelStream;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelKind;

@Timeout(30)
final class SpliceTest {
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final Duration DRAIN = Duration.ofSeconds(10);

    private final FakeTunnelStream client = new FakeTunnelStream();
    private final FakeTunnelStream target = new FakeTunnelStream();
    private final Traffic traffic = new Traffic();
    private final AtomicInteger ended = new AtomicInteger();
    private final Lingering lingering = new Lingering();
    private @Nullable Passed passed;
    private final EmbeddedChannel clock = new EmbeddedChannel();

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private void join(TunnelKind kind, Duration idleTime) {
        join(kind, TunnelTimes.idle(idleTime));
    }

    private void join(TunnelKind kind, TunnelTimes times) {
        join(client, target, kind, times);
    }

    private void join(
            FakeTunnelStream client, FakeTunnelStream target, TunnelKind kind, TunnelTimes times) {
        clock.freezeTime();
        Splice.join(
                kind,
                client,
                target,
                traffic,
                clock.eventLoop(),
                times,
                lingering,
                passed -> {
                    this.passed = passed;
                    ended.incrementAndGet();
                });
    }

    private void passSeconds(long seconds) {
        for (long i = 0; i < seconds; i++) {
            clock.advanceTimeBy(1, TimeUnit.SECONDS);
            clock.runScheduledPendingTasks();
        }
    }

    @Test
    void carriesAndCountsBothDirections() {
        join(TunnelKind.TCP, Duration.ZERO);
        client.peerSends("question");
        target.peerSends("answer");
        assertThat(target.written()).containsExactly("question");
        assertThat(client.written()).containsExactly("answer");
        assertThat(traffic.in().sum()).isEqualTo(8);
        assertThat(traffic.out().sum()).isEqualTo(6);
    }

    @Test
    void tellsAtTheEndWhatHasPassed() {
        join(TunnelKind.UDP, Duration.ZERO);
        client.peerSends("question");
        client.peerSends("again");
        target.peerSends("answer");
        assertThat(traffic.datagramsIn().sum()).isEqualTo(2);
        assertThat(traffic.datagramsOut().sum()).isOne();
        assertThat(passed).isNull();
        client.ends(StreamEnd.FINISHED);
        target.ends(StreamEnd.FINISHED);
        assertThat(passed).isEqualTo(new Passed(13, 6, 2, 1));
    }

    @Test
    void countsNoDatagramsInATunnelOfBytes() {
        join(TunnelKind.TCP, Duration.ZERO);
        client.peerSends("question");
        client.ends(StreamEnd.FINISHED);
        target.ends(StreamEnd.FINISHED);
        assertThat(passed).isEqualTo(new Passed(8, 0, 0, 0));
        assertThat(traffic.datagramsIn().sum()).isZero();
    }

    @Test
    void pausesTheSenderWhileTheOtherSideIsFull() {
        join(TunnelKind.TCP, Duration.ZERO);
        target.fillUp();
        client.peerSends("first");
        assertThat(client.isPaused()).isTrue();
        assertThat(target.isPaused()).isFalse();
        target.drainAll();
        assertThat(client.isPaused()).isFalse();
        client.peerSends("second");
        assertThat(target.written()).containsExactly("first", "second");
    }

    @Test
    void neverPausesDatagrams() {
        join(TunnelKind.UDP, Duration.ZERO);
        target.fillUp();
        client.peerSends("datagram");
        assertThat(client.isPaused()).isFalse();
    }

    @Test
    void carriesEmptyDatagrams() {
        join(TunnelKind.UDP, Duration.ZERO);
        client.peerSends("");
        target.peerSends("");
        assertThat(target.written()).containsExactly("");
        assertThat(client.written()).containsExactly("");
    }

    @Test
    void passesAFinOnAndLeavesTheOtherDirectionOpen() {
        join(TunnelKind.TCP, IDLE);
        client.peer().finished();
        assertThat(target.isFinished()).isTrue();
        assertThat(client.isFinished()).isFalse();
        target.peerSends("still here");
        assertThat(client.written()).containsExactly("still here");
        target.peer().finished();
        assertThat(client.isFinished()).isTrue();
        target.ends(StreamEnd.FINISHED);
        assertThat(client.resetCause()).isNull();
        assertThat(ended).hasValue(0);
        client.ends(StreamEnd.FINISHED);
        assertThat(ended).hasValue(1);
        passSeconds(60);
        assertThat(client.resetCause()).isNull();
    }

    // RFC 9114, section 4.4: a TCP reset becomes a stream error of type H3_CONNECT_ERROR.
    @Test
    void passesAResetOnInBothDirections() {
        join(TunnelKind.TCP, Duration.ZERO);
        target.ends(StreamEnd.RESET);
        assertThat(client.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
        client.ends(StreamEnd.RESET);
        assertThat(ended).hasValue(1);
    }

    @Test
    void passesAResetOfTheClientToTheTarget() {
        join(TunnelKind.TCP, Duration.ZERO);
        client.ends(StreamEnd.RESET);
        assertThat(target.resetCause()).isNotNull();
        assertThat(ended).hasValue(0);
        target.ends(StreamEnd.RESET);
        assertThat(ended).hasValue(1);
    }

    @Test
    void endsAUdpTunnelInBothDirectionsWhenTheClientFinishes() {
        join(TunnelKind.UDP, Duration.ZERO);
        client.peer().finished();
        assertThat(target.isFinished()).isTrue();
        assertThat(client.isFinished()).isTrue();
    }

    @Test
    void finishesTheClientOfAUdpTunnelWhoseTargetIsGone() {
        join(TunnelKind.UDP, Duration.ZERO);
        target.ends(StreamEnd.FINISHED);
        assertThat(client.isFinished()).isTrue();
        assertThat(client.resetCause()).isNull();
    }

    @Test
    void finishesAnIdleUdpTunnel() {
        join(TunnelKind.UDP, IDLE);
        passSeconds(19);
        assertThat(client.isFinished()).isFalse();
        passSeconds(6);
        assertThat(client.isFinished()).isTrue();
        assertThat(target.isFinished()).isTrue();
        assertThat(client.resetCause()).isNull();
    }

    @Test
    void resetsAnIdleTcpTunnel() {
        join(TunnelKind.TCP, IDLE);
        passSeconds(26);
        assertThat(client.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    @Test
    void staysOpenWhileAnythingPassesInOneDirection() {
        join(TunnelKind.UDP, IDLE);
        for (int i = 0; i < 10; i++) {
            passSeconds(15);
            target.peerSends("tick");
        }
        assertThat(client.isFinished()).isFalse();
    }

    @Test
    void resetsAnIdleUdpTunnelWhoseClientDoesNotFinish() {
        join(TunnelKind.UDP, IDLE);
        passSeconds(26);
        assertThat(client.isFinished()).isTrue();
        target.ends(StreamEnd.FINISHED);
        passSeconds(26);
        assertThat(client.resetCause()).isNotNull();
    }

    @Test
    void stopsWatchingOnceBothEndsAreGone() {
        join(TunnelKind.UDP, IDLE);
        client.ends(StreamEnd.FINISHED);
        target.ends(StreamEnd.FINISHED);
        passSeconds(60);
        assertThat(client.resetCause()).isNull();
        assertThat(ended).hasValue(1);
    }

    @Test
    void resetsTheEndThatBrokeTheRulesWithTheirCode() {
        join(TunnelKind.BIND, Duration.ZERO);
        target.peer().violated(ResetCause.MESSAGE_ERROR);
        target.ends(StreamEnd.RESET);
        assertThat(client.resetCause()).isEqualTo(ResetCause.MESSAGE_ERROR);
        assertThat(target.resetCause()).isNull();
        client.ends(StreamEnd.RESET);
        assertThat(ended).hasValue(1);
    }

    @Test
    void givesTheTargetLessTimeOnceTheClientHasFinished() {
        join(TunnelKind.TCP, new TunnelTimes(Duration.ofHours(1), IDLE, Duration.ZERO));
        passSeconds(600);
        assertThat(target.resetCause()).isNull();
        client.peer().finished();
        for (int i = 0; i < 10; i++) {
            passSeconds(15);
            target.peerSends("more");
        }
        assertThat(target.resetCause()).as("as long as something comes").isNull();
        passSeconds(30);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
        assertThat(client.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    @Test
    void givesATargetThatWaitsForTheClientAllItsTime() {
        join(TunnelKind.TCP, new TunnelTimes(Duration.ofHours(1), IDLE, Duration.ZERO));
        client.peer().finished();
        client.fillUp();
        target.peerSends("more than the client takes");
        passSeconds(600);
        assertThat(target.resetCause()).as("while it may not go on").isNull();
        client.drainAll();
        passSeconds(15);
        assertThat(target.resetCause()).as("once it may").isNull();
        passSeconds(15);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    @Test
    void endsAtLastWhenTheClientTakesNothingMore() {
        join(TunnelKind.TCP, new TunnelTimes(Duration.ofHours(1), IDLE, Duration.ZERO));
        client.peer().finished();
        client.fillUp();
        target.peerSends("more than the client takes");
        passSeconds(3590);
        assertThat(target.resetCause()).isNull();
        passSeconds(60);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    @Test
    void givesTheClientAllItsTimeForTheRestWhenBothHaveFinished() {
        join(TunnelKind.TCP, new TunnelTimes(Duration.ofHours(1), IDLE, Duration.ZERO));
        client.peer().finished();
        target.peerSends("the rest");
        target.peer().finished();
        target.ends(StreamEnd.FINISHED);
        passSeconds(600);
        assertThat(client.resetCause()).isNull();
    }

    @Test
    void givesTheClientAllItsTimeWhenTheTargetHasFinished() {
        join(TunnelKind.TCP, new TunnelTimes(Duration.ofHours(1), IDLE, Duration.ZERO));
        target.peer().finished();
        passSeconds(600);
        assertThat(client.resetCause()).isNull();
    }

    @Test
    void givesNoMoreTimeAfterTheClientThanBefore() {
        assertThat(new TunnelTimes(IDLE, Duration.ofHours(1), Duration.ZERO).halfClosed())
                .isEqualTo(IDLE);
        assertThat(new TunnelTimes(IDLE, Duration.ZERO, Duration.ZERO).halfClosed())
                .isEqualTo(IDLE);
        assertThat(new TunnelTimes(Duration.ZERO, IDLE, Duration.ZERO).halfClosed())
                .isEqualTo(IDLE);
    }

    /// A client that has finished with a target that has not, on a connection that is lost then.
    private void lose(Duration drain) {
        join(TunnelKind.TCP, TunnelTimes.idle(IDLE).draining(drain));
        client.peerSends("all of it");
        client.peer().finished();
        client.ends(StreamEnd.LOST);
    }

    // RFC 9110, section 9.3.6: outstanding data of the closed side is sent, the rest discarded.
    @Test
    void letsWhatAClientHasFinishedGoOutWhenItsConnectionIsLost() {
        lose(DRAIN);
        assertThat(target.resetCause()).isNull();
        assertThat(target.written()).containsExactly("all of it");
        assertThat(target.isFinished()).isTrue();
        target.peerSends("nobody hears it");
        assertThat(client.written()).isEmpty();
        target.peer().finished();
        assertThat(ended).hasValue(0);
        target.ends(StreamEnd.FINISHED);
        assertThat(passed).isEqualTo(new Passed(9, 0, 0, 0));
        passSeconds(60);
        assertThat(target.resetCause()).isNull();
        assertThat(ended).hasValue(1);
    }

    @Test
    void resetsATargetThatTakesLongerThanTheDrain() {
        lose(DRAIN);
        for (int i = 0; i < 9; i++) {
            passSeconds(1);
            target.peerSends("it is not idle");
        }
        assertThat(target.resetCause()).isNull();
        passSeconds(1);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
        target.ends(StreamEnd.RESET);
        assertThat(ended).hasValue(1);
    }

    @Test
    void givesATargetTheDrainThoughItIsSilentForLongerThanItsIdleTime() {
        lose(Duration.ofMinutes(1));
        passSeconds(59);
        assertThat(target.resetCause()).isNull();
        passSeconds(1);
        assertThat(target.resetCause()).isNotNull();
    }

    @Test
    void discardsOneMebibyteOfATargetWhoseClientIsLost() {
        lose(DRAIN);
        for (int i = 0; i < 16; i++) {
            target.peerSends("x".repeat(64 * 1024));
        }
        assertThat(target.resetCause()).isNull();
        target.peer().capsule(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8), true);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
        assertThat(client.written()).isEmpty();
        assertThat(traffic.out().sum()).isZero();
    }

    @Test
    void readsOnFromATargetThatWaitedForTheClientThatIsLost() {
        join(TunnelKind.TCP, TunnelTimes.idle(IDLE).draining(DRAIN));
        client.peer().finished();
        client.fillUp();
        target.peerSends("more than the client takes");
        assertThat(target.isPaused()).isTrue();
        client.ends(StreamEnd.LOST);
        assertThat(target.isPaused()).isFalse();
        target.peerSends("discarded");
        target.peer().capsule(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8), true);
        assertThat(target.isPaused()).isFalse();
    }

    @Test
    void resetsTheTargetAtOnceWithoutATimeToDrain() {
        lose(Duration.ZERO);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    // RFC 9114, section 4.4: a stream that the client resets is not lost with its connection.
    @Test
    void resetsTheTargetAtOnceWhenAClientThatHasFinishedResets() {
        join(TunnelKind.TCP, TunnelTimes.idle(IDLE).draining(DRAIN));
        client.peer().finished();
        client.ends(StreamEnd.RESET);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    @Test
    void resetsTheTargetAtOnceWhenTheConnectionIsLostBeforeTheClientHasFinished() {
        join(TunnelKind.TCP, TunnelTimes.idle(IDLE).draining(DRAIN));
        client.peerSends("half of it");
        client.ends(StreamEnd.LOST);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    @Test
    void resetsAUdpTargetAtOnceWhenTheConnectionIsLost() {
        join(TunnelKind.UDP, TunnelTimes.idle(IDLE).draining(DRAIN));
        client.peer().finished();
        client.ends(StreamEnd.LOST);
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    @Test
    void resetsTheClientAtOnceWhenTheConnectionToTheTargetIsLost() {
        join(TunnelKind.TCP, TunnelTimes.idle(IDLE).draining(DRAIN));
        client.peer().finished();
        target.ends(StreamEnd.LOST);
        assertThat(client.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
        client.ends(StreamEnd.RESET);
        assertThat(ended).hasValue(1);
    }

    @Test
    void endsTunnelsThatLingerAndLetsNoneLingerFromThenOn() {
        lose(DRAIN);
        lingering.end();
        clock.runPendingTasks();
        assertThat(target.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
        target.ends(StreamEnd.RESET);
        assertThat(ended).hasValue(1);

        var next = new FakeTunnelStream();
        var nextTarget = new FakeTunnelStream();
        join(next, nextTarget, TunnelKind.TCP, TunnelTimes.idle(IDLE).draining(DRAIN));
        next.peer().finished();
        next.ends(StreamEnd.LOST);
        assertThat(nextTarget.resetCause()).isEqualTo(ResetCause.CONNECT_ERROR);
    }

    @Test
    void letsOnlySoManyTunnelsLinger() {
        var targets = new ArrayList<FakeTunnelStream>();
        for (int i = 0; i <= Lingering.MAX; i++) {
            var lost = new FakeTunnelStream();
            targets.add(new FakeTunnelStream());
            join(
                    lost,
                    targets.getLast(),
                    TunnelKind.TCP,
                    TunnelTimes.idle(Duration.ZERO).draining(DRAIN));
            lost.peer().finished();
            lost.ends(StreamEnd.LOST);
        }
        assertThat(targets.removeLast().resetCause()).isNotNull();
        assertThat(targets).allMatch(target -> target.resetCause() == null);
        targets.getFirst().ends(StreamEnd.FINISHED);
        lose(DRAIN);
        assertThat(target.resetCause()).as("one has gone").isNull();
        lingering.end();
        clock.runPendingTasks();
    }
}
