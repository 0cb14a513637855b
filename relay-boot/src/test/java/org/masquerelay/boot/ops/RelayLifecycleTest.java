package org.masquerelay.boot.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.masquerelay.boot.config.ListenerUnavailableException;
import org.masquerelay.tunnel.Drain;

final class RelayLifecycleTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(7);

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private final Drain drain = new Drain();
    private final List<String> steps = new ArrayList<>();

    @Test
    void drainsBeforeItCloses() throws Exception {
        var relay = lifecycle(Relay::new);
        relay.start();
        var stopped = new CountDownLatch(1);

        relay.stop(stopped::countDown);

        assertThat(stopped.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(steps).containsExactly("wait PT7S draining=true", "close");
        assertThat(drain.state().orElseThrow().reason()).isEqualTo("shutdown");
        assertThat(relay.isRunning()).isFalse();
    }

    @Test
    void keepsTheReasonOfADrainThatRuns() {
        var relay = lifecycle(Relay::new);
        relay.start();
        drain.start(NOON, "upgrade");

        relay.stop();

        assertThat(drain.state().orElseThrow().reason()).isEqualTo("upgrade");
    }

    @Test
    void givesTunnelsOfADrainThatRunsWhatIsLeftOfTheirTime() {
        var relay = lifecycle(Relay::new);
        relay.start();
        drain.start(NOON.minusSeconds(5), "upgrade");

        relay.stop();

        assertThat(steps).containsExactly("wait PT2S draining=true", "close");
    }

    @Test
    void waitsNoLongerOnceTheDeadlineOfADrainIsOver() {
        var relay = lifecycle(Relay::new);
        relay.start();
        drain.start(NOON.minusSeconds(60), "upgrade");

        relay.stop();

        assertThat(steps).containsExactly("wait PT0S draining=true", "close");
    }

    @Test
    void closesEvenIfAListenerCannotSayThatItDrains() {
        var relay = lifecycle(Relay::new);
        relay.start();
        drain.serve(
                "main",
                () -> {
                    throw new IllegalStateException("broken");
                });

        assertThatThrownBy(relay::stop).hasMessage("broken");

        assertThat(steps).containsExactly("close");
        assertThat(relay.isRunning()).isFalse();
    }

    @Test
    void drainsForGood() {
        var relay = lifecycle(Relay::new);
        relay.start();

        relay.stop();

        assertThat(drain.undo()).isFalse();
        assertThat(drain.isDraining()).isTrue();
    }

    @Test
    void stopsBeforeEverythingElse() {
        assertThat(lifecycle(Relay::new).getPhase()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void saysThatAnAddressIsTaken() {
        var relay =
                lifecycle(() -> {
                    throw new BindException("Address already in use");
                });

        assertThatThrownBy(relay::start)
                .isInstanceOf(ListenerUnavailableException.class)
                .hasMessageContaining("Address already in use");
        assertThat(relay.isRunning()).isFalse();
        assertThat(relay.activeTunnels()).isZero();
    }

    private RelayLifecycle lifecycle(RunningRelay.Starter starter) {
        var clock = Clock.fixed(NOON, ZoneOffset.UTC);
        return new RelayLifecycle(starter, List.of(), drain, TIMEOUT, clock);
    }

    private final class Relay implements RunningRelay {
        @Override
        public List<InetSocketAddress> addresses() {
            return List.of();
        }

        @Override
        public int activeTunnels() {
            return 1;
        }

        @Override
        public int activeTunnels(String listener) {
            return 1;
        }

        @Override
        public void awaitTunnels(Duration timeout) {
            steps.add("wait " + timeout + " draining=" + drain.isDraining());
        }

        @Override
        public void close() {
            steps.add("close");
        }
    }
}
