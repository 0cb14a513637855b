package org.masquerelay.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RoundTripsTest {
    private final RoundTrips roundTrips = new RoundTrips();

    @Test
    void findsTheQuantilesOfKnownValues() {
        for (int micros = 1; micros <= 1000; micros++) {
            roundTrips.record(micros * 1000L);
        }

        assertThat(roundTrips.quantiles().p50Micros()).isCloseTo(500, withinPercentage(1));
        assertThat(roundTrips.quantiles().p99Micros()).isCloseTo(990, withinPercentage(1));
    }

    @Test
    void countsRareLongOnes() {
        for (int i = 0; i < 980; i++) {
            roundTrips.record(1000);
        }
        for (int i = 0; i < 20; i++) {
            roundTrips.record(1_000_000);
        }

        assertThat(roundTrips.nanosAt(0.98)).isCloseTo(1000, withinPercentage(1));
        assertThat(roundTrips.nanosAt(0.981)).isCloseTo(1_000_000, withinPercentage(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 64, 65, 127, 128, 129, 4095, 4096, 1_000_003, Long.MAX_VALUE})
    void keepsEveryLengthToOnePerCent(long nanos) {
        roundTrips.record(nanos);

        assertThat((double) roundTrips.nanosAt(0.5)).isCloseTo((double) nanos, withinPercentage(1));
    }

    @Test
    void hasNothingAfterClearing() {
        roundTrips.record(5000);
        roundTrips.clear();

        assertThat(roundTrips.nanosAt(0.5)).isZero();
    }
}
