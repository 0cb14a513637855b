package org.masquerelay.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class DrainTest {
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private final Drain drain = new Drain();

    @Test
    void takesTunnelsAtFirst() {
        assertThat(drain.isDraining()).isFalse();
        assertThat(drain.state()).isEmpty();
    }

    @Test
    void keepsTheStartAndReasonOfARunningDrain() {
        var first = drain.start(NOON, "upgrade");
        assertThat(drain.start(NOON.plusSeconds(60), "other")).isEqualTo(first);
        assertThat(drain.state()).contains(new Drain.Draining(NOON, "upgrade"));
    }

    @Test
    void takesTunnelsAgainAfterUndo() {
        drain.start(NOON, "upgrade");
        drain.undo();
        assertThat(drain.isDraining()).isFalse();
        assertThat(drain.start(NOON.plusSeconds(60), "again").reason()).isEqualTo("again");
    }
}
