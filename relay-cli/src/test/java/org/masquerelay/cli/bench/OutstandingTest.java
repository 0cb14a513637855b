package org.masquerelay.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.masquerelay.cli.bench.Outstanding.Tally;

final class OutstandingTest {
    private final Outstanding outstanding = new Outstanding(4);

    @Test
    void measuresTheRoundTripOfAnEcho() {
        long sequence = outstanding.send(2, 100);

        assertThat(outstanding.slotOf(sequence)).isEqualTo(2);
        assertThat(outstanding.echoed(sequence, 350)).isEqualTo(250);
        assertThat(outstanding.tally()).isEqualTo(new Tally(1, 0, 0));
    }

    @Test
    void givesUpWhatWasSentBeforeTheDeadline() {
        outstanding.send(0, 100);
        outstanding.send(1, 200);

        assertThat(outstanding.isFree(0, 150)).isTrue();
        assertThat(outstanding.isFree(1, 150)).isFalse();
        assertThat(outstanding.isFree(3, 150)).isTrue();
        assertThat(outstanding.tally()).isEqualTo(new Tally(0, 1, 0));
    }

    @Test
    void countsALostOneOnce() {
        outstanding.send(0, 100);
        assertThat(outstanding.isFree(0, 150)).isTrue();
        assertThat(outstanding.isFree(0, 150)).isTrue();

        assertThat(outstanding.tally().lost()).isEqualTo(1);
    }

    @Test
    void countsAnEchoAfterGivingUpAsLate() {
        long first = outstanding.send(0, 100);
        assertThat(outstanding.isFree(0, 150)).isTrue();
        long second = outstanding.send(0, 160);

        assertThat(outstanding.echoed(first, 170)).isNegative();
        assertThat(outstanding.echoed(second, 180)).isEqualTo(20);
        assertThat(outstanding.tally()).isEqualTo(new Tally(1, 1, 1));
    }

    @Test
    void takesASecondEchoOfTheSameDatagramForALateOne() {
        long sequence = outstanding.send(0, 100);
        outstanding.echoed(sequence, 110);

        assertThat(outstanding.echoed(sequence, 120)).isNegative();
        assertThat(outstanding.echoed(-7, 120)).isNegative();
        assertThat(outstanding.tally()).isEqualTo(new Tally(1, 0, 2));
    }
}
