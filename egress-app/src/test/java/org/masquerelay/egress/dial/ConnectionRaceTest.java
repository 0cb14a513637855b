package org.masquerelay.egress.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.masquerelay.egress.dial.Dialer.Outcome;
import org.masquerelay.testkit.FakeTunnelStream;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelStream;

final class ConnectionRaceTest {
    private static final int DELAY_MILLIS = 250;
    private static final Duration TOTAL = Duration.ofSeconds(1);
    private static final List<InetSocketAddress> ADDRESSES =
            List.of(at("2001:db8::1"), at("192.0.2.1"), at("2001:db8::2"));

    private final MockTicker ticker = Ticker.newMockTicker();
    private final EmbeddedChannel channel = EmbeddedChannel.builder().ticker(ticker).build();
    private final List<InetSocketAddress> tried = new ArrayList<>();
    private final List<Duration> timeouts = new ArrayList<>();
    private final List<Promise<TunnelStream>> attempts = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private final TunnelStream stream = new FakeTunnelStream();

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 443);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void race() {
        new ConnectionRace(
                        ADDRESSES,
                        (address, timeout) -> {
                            tried.add(address);
                            timeouts.add(timeout);
                            Promise<TunnelStream> attempt = channel.eventLoop().newPromise();
                            attempts.add(attempt);
                            return attempt;
                        },
                        channel.eventLoop(),
                        new ConnectionRace.Times(Duration.ofMillis(DELAY_MILLIS), TOTAL),
                        outcomes::add)
                .start();
    }

    private void pass(int millis) {
        ticker.advanceMillis(millis);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    private void fail(int attempt, Exception cause) {
        attempts.get(attempt).setFailure(cause);
        channel.runPendingTasks();
    }

    private static RefusalReason reason(Outcome outcome) {
        return ((Refusal.Own) ((Outcome.Failed) outcome).refusal()).reason();
    }

    @Test
    @DisplayName("R2 8305 5: the next attempt starts after the delay, and the last runs on")
    void startsTheNextAttemptAfterTheDelay() {
        race();
        assertThat(tried).hasSize(1);
        pass(DELAY_MILLIS - 1);
        assertThat(tried).hasSize(1);
        pass(1);
        assertThat(tried).hasSize(2);
        pass(DELAY_MILLIS);
        assertThat(tried).isEqualTo(ADDRESSES);
        assertThat(timeouts).containsExactly(TOTAL, TOTAL.minusMillis(250), TOTAL.minusMillis(500));
        assertThat(outcomes).isEmpty();
    }

    @Test
    @DisplayName("R2 8305 5: the first to connect wins, and the others are ended")
    void endsTheOthersWhenOneConnects() {
        race();
        pass(DELAY_MILLIS);
        attempts.get(1).setSuccess(stream);
        channel.runPendingTasks();

        assertThat(outcomes).containsExactly(new Outcome.Connected(stream, ADDRESSES.get(1)));
        assertThat(attempts.get(0).isCancelled()).isTrue();
        pass(10 * DELAY_MILLIS);
        assertThat(tried).hasSize(2);
        assertThat(outcomes).hasSize(1);
    }

    @Test
    void doesNotWaitForTheDelayAfterAFailure() {
        race();
        fail(0, new NoRouteToHostException());
        assertThat(tried).hasSize(2);
        pass(DELAY_MILLIS - 1);
        assertThat(tried).hasSize(2);
        pass(1);
        assertThat(tried).hasSize(3);
    }

    @Test
    void failsWhenAllHaveFailedAndSaysWhatTellsMost() {
        race();
        fail(0, new ConnectException("Connection refused"));
        fail(1, new NoRouteToHostException());
        assertThat(outcomes).isEmpty();
        fail(2, new NoRouteToHostException());

        assertThat(outcomes).hasSize(1);
        assertThat(reason(outcomes.getFirst())).isEqualTo(RefusalReason.CONNECTION_REFUSED);
    }

    @Test
    void triesNothingMoreWhenItsTimeIsOver() {
        race();
        ticker.advanceMillis(TOTAL.toMillis());
        fail(0, new ConnectTimeoutException());

        assertThat(tried).hasSize(1);
        assertThat(outcomes).hasSize(1);
        assertThat(reason(outcomes.getFirst())).isEqualTo(RefusalReason.CONNECTION_TIMEOUT);
    }
}
