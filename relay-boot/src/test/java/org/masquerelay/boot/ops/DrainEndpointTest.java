package org.masquerelay.boot.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.masquerelay.boot.ops.DrainEndpoint.DrainState;
import org.masquerelay.tunnel.Drain;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.health.contributor.Status;

final class DrainEndpointTest {
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOON, ZoneOffset.UTC);

    private final Drain drain = new Drain();
    private final RelayLifecycle relay =
            new RelayLifecycle(Relay::new, List.of(), drain, Duration.ofSeconds(20), CLOCK);
    private final DrainEndpoint endpoint = new DrainEndpoint(drain, relay, CLOCK);
    private final DrainHealthIndicator health = new DrainHealthIndicator(drain);

    @BeforeEach
    void start() {
        drain.serve("main", () -> {});
        drain.serve("tcp", () -> {});
        relay.start();
    }

    @Test
    void tellsOfEachListenerWhatIsLeftAndUntilWhen() {
        drain.start("tcp", NOON.minusSeconds(5), "moving");

        var state = endpoint.state();

        assertThat(state.draining()).isFalse();
        assertThat(state.activeTunnels()).isEqualTo(7);
        assertThat(state.secondsLeft()).isNull();
        assertThat(Objects.requireNonNull(state.listeners()))
                .containsEntry("main", new DrainState(false, null, null, null, null, 4, null))
                .containsEntry(
                        "tcp",
                        new DrainState(
                                true,
                                NOON.minusSeconds(5),
                                "moving",
                                NOON.plusSeconds(15),
                                15L,
                                3,
                                null));
        assertThat(endpoint.listenerState("tcp").getBody())
                .isEqualTo(Objects.requireNonNull(state.listeners()).get("tcp"));
    }

    @Test
    void drainsOneListenerAndTheRelayStaysReady() {
        var answer = body(endpoint.startListener("tcp", "moving\nhouse"));

        assertThat(answer.reason()).isEqualTo("moving house");
        assertThat(answer.draining()).isTrue();
        assertThat(drain.isDraining("main")).isFalse();
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        assertThat(health.health().getDetails()).containsEntry("drainingListeners", List.of("tcp"));
        assertThat(body(endpoint.undoListener("tcp")).draining()).isFalse();
        assertThat(health.health().getDetails()).isEmpty();
    }

    @Test
    void isOutOfServiceOnceEveryListenerDrains() {
        endpoint.startListener("tcp", null);
        endpoint.startListener("main", null);

        assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(endpoint.state().draining()).isTrue();
        assertThat(body(endpoint.undo()).draining()).isFalse();
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void drainsTheRelayAsAWhole() {
        var state = endpoint.start("new version");

        assertThat(state.reason()).isEqualTo("new version");
        assertThat(state.deadline()).isEqualTo(NOON.plusSeconds(20));
        assertThat(Objects.requireNonNull(state.listeners()).values())
                .allMatch(DrainState::draining);
    }

    @Test
    void saysThatThereIsNoSuchListener() {
        assertThat(endpoint.listenerState("other").getStatus()).isEqualTo(404);
        assertThat(endpoint.startListener("other", null).getStatus()).isEqualTo(404);
        assertThat(endpoint.undoListener("other").getStatus()).isEqualTo(404);
        assertThat(drain.isDraining("other")).isFalse();
    }

    @Test
    void cannotBeUndoneWhileTheRelayStops() {
        drain.stop(NOON, "shutdown");

        assertThat(endpoint.undo().getStatus()).isEqualTo(409);
        assertThat(endpoint.undoListener("tcp").getStatus()).isEqualTo(409);
        assertThat(body(endpoint.undo()).draining()).isTrue();
    }

    private static DrainState body(WebEndpointResponse<DrainState> response) {
        return Objects.requireNonNull(response.getBody());
    }

    private static final class Relay implements RunningRelay {
        @Override
        public List<InetSocketAddress> addresses() {
            return List.of();
        }

        @Override
        public int activeTunnels() {
            return 7;
        }

        @Override
        public int activeTunnels(String listener) {
            return listener.equals("tcp") ? 3 : 4;
        }

        @Override
        public void awaitTunnels(Duration timeout) {}

        @Override
        public void close() {}
    }
}
