package org.masquerelay.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.tunnel.Drain.Draining;

@Timeout(30)
final class DrainTest {
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private final Drain drain = new Drain();
    private final List<String> gone = new ArrayList<>();

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

    @Test
    void drainsOneListenerAndLeavesTheOthersAlone() {
        serve("one", "two");
        assertThat(drain.start("one", NOON, "moving")).contains(new Draining(NOON, "moving"));
        assertThat(gone).containsExactly("one");
        assertThat(drain.isDraining("one")).isTrue();
        assertThat(drain.isDraining("two")).isFalse();
        assertThat(drain.state("two")).isEmpty();
        assertThat(drain.isDraining()).isFalse();
        assertThat(drain.undo("one")).isTrue();
        assertThat(drain.isDraining("one")).isFalse();
    }

    @Test
    void takesTunnelsOnOneListenerAgainWhileTheOthersDrainOn() {
        serve("one", "two", "three");
        drain.start("two", NOON.minusSeconds(9), "before");
        drain.start(NOON, "upgrade");
        drain.undo("one");
        assertThat(drain.state("one")).isEmpty();
        assertThat(drain.state("two")).contains(new Draining(NOON.minusSeconds(9), "before"));
        assertThat(drain.state("three")).contains(new Draining(NOON, "upgrade"));
        assertThat(drain.isDraining()).isFalse();
    }

    @Test
    void asksTheClientsOfAListenerToGoOnceForEachDrain() {
        serve("one", "two");
        drain.start("one", NOON, "moving");
        drain.start("one", NOON, "again");
        drain.start(NOON, "upgrade");
        assertThat(gone).containsExactly("one", "two");
        drain.undo();
        drain.start(NOON, "another");
        assertThat(gone).containsExactly("one", "two", "one", "two");
    }

    @Test
    void drainsAsAWholeOnceTheLastListenerDrains() {
        serve("one", "two");
        drain.start("one", NOON, "first");
        drain.start("two", NOON.plusSeconds(5), "second");
        assertThat(drain.state()).contains(new Draining(NOON.plusSeconds(5), "second"));
    }

    @Test
    void knowsNoListenerThatIsNotUp() {
        serve("one");
        assertThat(drain.start("two", NOON, "moving")).isEmpty();
        assertThat(drain.isDraining("two")).isFalse();
        assertThat(drain.listeners()).containsExactly("one");
    }

    @Test
    void asksTheClientsOfAListenerThatComesUpLate() {
        drain.start(NOON, "early");
        serve("one");
        assertThat(gone).containsExactly("one");
        assertThat(drain.isDraining("one")).isTrue();
    }

    @Test
    void cannotBeUndoneWhileTheRelayStops() {
        serve("one", "two");
        drain.stop(NOON, "shutdown");
        assertThat(drain.undo()).isFalse();
        assertThat(drain.undo("one")).isFalse();
        assertThat(drain.isDraining("one")).isTrue();
        assertThat(drain.state()).contains(new Draining(NOON, "shutdown"));
    }

    private void serve(String... listeners) {
        for (var listener : listeners) {
            drain.serve(listener, () -> gone.add(listener));
        }
    }
}
