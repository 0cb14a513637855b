package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.masquerelay.transport.RestingFlows.Owner;
import org.masquerelay.tunnel.Tenant;

/// R0 X4: which sources are not used again yet.
final class RestingFlowsTest {
    private static final Duration REST = Duration.ofMinutes(4);
    private static final InetSocketAddress LOCAL = at("192.0.2.1", 40_000);
    private static final InetSocketAddress TARGET = at("198.51.100.1", 53);

    private static final int MAX = 900;
    private static final Owner ALL = new Owner(Optional.empty(), 65_535);
    private static final Owner ONE = new Owner(Optional.of(new Tenant("one")), 400);
    private static final Owner OTHER = new Owner(Optional.of(new Tenant("other")), 400);

    private final MockTicker ticker = Ticker.newMockTicker();
    private final RestingFlows flows = new RestingFlows(REST, MAX, ticker);

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(java.net.InetAddress.ofLiteral(address), port);
    }

    @Test
    @DisplayName("R0 X4: a source rests towards the target that it was used for")
    void keepsASourceFromItsOldTargetOnly() {
        flows.rest(LOCAL, TARGET, ALL);
        assertThat(flows.isResting(LOCAL, TARGET)).isTrue();
        assertThat(flows.isResting(LOCAL, at("198.51.100.2", 53))).isFalse();
        assertThat(flows.isResting(LOCAL, at("198.51.100.1", 54))).isFalse();
        assertThat(flows.isResting(at("192.0.2.1", 40_001), TARGET)).isFalse();
        assertThat(flows.isResting(at("192.0.2.2", 40_000), TARGET)).isFalse();
        assertThat(flows.isResting(LOCAL)).as("for a bind tunnel").isFalse();
    }

    @Test
    void keepsTheSourceOfABindTunnelFromEverybody() {
        flows.rest(LOCAL, ALL);
        assertThat(flows.isResting(LOCAL)).isTrue();
        assertThat(flows.isResting(LOCAL, TARGET)).isTrue();
    }

    @Test
    void restsAtLeastAsLongAsToldAndAtMostAnEighthLonger() {
        for (int start = 0; start < 60; start++) {
            ticker.advance(1, TimeUnit.SECONDS);
            flows.rest(LOCAL, TARGET, ALL);
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
                flows.rest(at("192.0.2.1", port), at("198.51.100.1", second + 1), ALL);
            }
            ticker.advance(1, TimeUnit.SECONDS);
            assertThat(flows.size()).isLessThanOrEqualTo(MAX);
        }
        assertThat(flows.size()).isGreaterThan(700);
    }

    @Test
    void leavesThreeOfFourPortsToTheOthersHoweverManyBindTunnelsATenantHad() {
        for (int port = 1; port <= 400; port++) {
            flows.rest(at("192.0.2.1", port), ONE);
            ticker.advance(500, TimeUnit.MILLISECONDS); // In all slices.
        }
        assertThat(flows.size()).isEqualTo(100);
        flows.rest(at("192.0.2.1", 400), OTHER);
        flows.rest(at("192.0.2.2", 400), ONE);
        assertThat(flows.size()).isEqualTo(102);
        ticker.advance(REST.toSeconds() * 2, TimeUnit.SECONDS);
        flows.rest(at("192.0.2.1", 1), ONE);
        assertThat(flows.size()).as("its share is free again").isEqualTo(1);
    }

    @Test
    void countsWhatATenantUsedForEachTarget() {
        for (int port = 1; port <= 400; port++) {
            flows.rest(at("192.0.2.1", port), TARGET, ONE);
            ticker.advance(500, TimeUnit.MILLISECONDS);
        }
        assertThat(flows.size()).isEqualTo(100);
        flows.rest(at("192.0.2.1", 400), at("198.51.100.2", 53), ONE);
        flows.rest(at("192.0.2.1", 400), TARGET, OTHER);
        assertThat(flows.size()).isEqualTo(102);
    }

    @Test
    void remembersNothingWhenTurnedOff() {
        RestingFlows.NONE.rest(LOCAL, TARGET, ALL);
        assertThat(RestingFlows.NONE.isResting(LOCAL, TARGET)).isFalse();
        assertThat(RestingFlows.NONE.size()).isZero();
    }
}
