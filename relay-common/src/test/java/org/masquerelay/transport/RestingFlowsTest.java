package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// R0 X4: which sources are not used again yet.
final class RestingFlowsTest {
    private static final Duration REST = Duration.ofMinutes(4);
    private static final InetSocketAddress LOCAL = at("192.0.2.1", 40_000);
    private static final InetSocketAddress TARGET = at("198.51.100.1", 53);

    private final MockTicker ticker = Ticker.newMockTicker();
    private final RestingFlows flows = new RestingFlows(REST, 900, ticker);

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(java.net.InetAddress.ofLiteral(address), port);
    }

    @Test
    @DisplayName("R0 X4: a source rests towards the target that it was used for")
    void keepsASourceFromItsOldTargetOnly() {
        flows.rest(LOCAL, TARGET);
        assertThat(flows.isResting(LOCAL, TARGET)).isTrue();
        assertThat(flows.isResting(LOCAL, at("198.51.100.2", 53))).isFalse();
        assertThat(flows.isResting(LOCAL, at("198.51.100.1", 54))).isFalse();
        assertThat(flows.isResting(at("192.0.2.1", 40_001), TARGET)).isFalse();
        assertThat(flows.isResting(at("192.0.2.2", 40_000), TARGET)).isFalse();
        assertThat(flows.isResting(LOCAL)).as("for a bind tunnel").isFalse();
    }

    @Test
    void keepsTheSourceOfABindTunnelFromEverybody() {
        flows.rest(LOCAL);
        assertThat(flows.isResting(LOCAL)).isTrue();
        assertThat(flows.isResting(LOCAL, TARGET)).isTrue();
    }

    @Test
    void restsAtLeastAsLongAsToldAndAtMostAnEighthLonger() {
        for (int start = 0; start < 60; start++) {
            ticker.advance(1, TimeUnit.SECONDS);
            flows.rest(LOCAL, TARGET);
            ticker.advance(REST.toSeconds(), TimeUnit.SECONDS);
            assertThat(flows.isResting(LOCAL, TARGET)).isTrue();
            assertThat(flows.size()).isEqualTo(1);
            ticker.advance(REST.toSeconds() / 8 + 1, TimeUnit.SECONDS);
            assertThat(flows.isResting(LOCAL, TARGET)).isFalse();
            assertThat(flows.size()).isZero();
        }
    }

    @Test
    void holdsNoMoreThanItMay() {
        for (int second = 0; second < 1000; second++) {
            for (int port = 1; port <= 50; port++) {
                flows.rest(at("192.0.2.1", port), at("198.51.100.1", second + 1));
            }
            ticker.advance(1, TimeUnit.SECONDS);
            assertThat(flows.size()).isLessThanOrEqualTo(900);
        }
        assertThat(flows.size()).isGreaterThan(700);
    }

    @Test
    void remembersNothingWhenTurnedOff() {
        RestingFlows.NONE.rest(LOCAL, TARGET);
        assertThat(RestingFlows.NONE.isResting(LOCAL, TARGET)).isFalse();
        assertThat(RestingFlows.NONE.size()).isZero();
    }
}
