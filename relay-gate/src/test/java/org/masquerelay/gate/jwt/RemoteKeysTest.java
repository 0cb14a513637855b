package org.masquerelay.gate.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

final class RemoteKeysTest {
    private static final Duration MAX_AGE = Duration.ofMinutes(15);
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final KeySet first = keys();
    private final KeySet second = keys();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final AtomicInteger fetches = new AtomicInteger();
    private final AtomicReference<Mono<KeySet>> answer = new AtomicReference<>(Mono.just(first));
    private final RemoteKeys remote =
            new RemoteKeys(
                    Mono.defer(() -> {
                        fetches.incrementAndGet();
                        return answer.get();
                    }),
                    MAX_AGE,
                    PAUSE,
                    now::get);

    private static KeySet keys() {
        try {
            return KeySet.parse(JwtMint.of("ES256").keys());
        } catch (java.text.ParseException e) {
            throw new AssertionError(e);
        }
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    @Test
    void asksAtMostOnceInAPause() {
        assertThat(remote.newer().block()).isEqualTo(first);
        answer.set(Mono.just(second));
        for (int i = 0; i < 100; i++) {
            assertThat(remote.newer().block()).isEqualTo(first);
        }
        assertThat(fetches).hasValue(1);

        pass(PAUSE);
        assertThat(remote.newer().block()).isEqualTo(second);
        assertThat(remote.current()).isEqualTo(second);
        assertThat(fetches).hasValue(2);
    }

    @Test
    void sharesOneFetchAmongAllThatWait() {
        var sink = Sinks.<KeySet>one();
        answer.set(sink.asMono());

        var waiting = IntStream.range(0, 100).mapToObj(_ -> remote.newer().toFuture()).toList();
        waiting.getFirst().cancel(true);
        pass(PAUSE.multipliedBy(2)); // A slow fetch is not joined by a second one.
        remote.newer().subscribe();
        sink.tryEmitValue(first);

        assertThat(waiting.subList(1, 100)).allMatch(one -> first.equals(one.getNow(KeySet.NONE)));
        assertThat(fetches).hasValue(1);
    }

    @Test
    void keepsOldKeysWhileTheIssuerIsAway() {
        remote.newer().block();
        answer.set(Mono.error(new IllegalStateException("away")));
        pass(Duration.ofDays(1));

        assertThat(remote.current()).isEqualTo(first);
        assertThat(remote.newer().block()).isEqualTo(first);
        assertThat(fetches).hasValue(2);

        answer.set(Mono.just(second));
        pass(PAUSE);
        assertThat(remote.newer().block()).isEqualTo(second);
    }

    @Test
    void refreshesOldKeysWithoutWaiting() {
        remote.newer().block();
        var sink = Sinks.<KeySet>one();
        answer.set(sink.asMono());
        pass(MAX_AGE.minusSeconds(1));
        remote.current();
        assertThat(fetches).hasValue(1);

        pass(Duration.ofSeconds(1));
        assertThat(remote.current()).isEqualTo(first);
        assertThat(fetches).hasValue(2);
        sink.tryEmitValue(second);
        assertThat(remote.current()).isEqualTo(second);
    }

    @Test
    void hasNoKeysUntilTheIssuerAnswers() {
        answer.set(Mono.error(new IllegalStateException("away")));

        assertThat(remote.newer().block()).isEqualTo(KeySet.NONE);
        assertThat(remote.current().keys()).isEqualTo(List.of());
        answer.set(Mono.empty());
        pass(PAUSE);
        assertThat(remote.newer().block()).isEqualTo(KeySet.NONE);
    }
}
