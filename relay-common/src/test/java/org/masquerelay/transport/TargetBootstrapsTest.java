package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class TargetBootstrapsTest {
    @Test
    void givesEachConnectionATimeout() {
        try (var loops = EventLoops.start(1)) {
            var loop = loops.all().getFirst();
            Map.of(
                            Duration.ofNanos(1), 1,
                            Duration.ofMillis(1), 1,
                            Duration.ofSeconds(2), 2000,
                            Duration.ofDays(50), Integer.MAX_VALUE)
                    .forEach((timeout, millis) ->
                            assertThat(
                                            TargetBootstraps.tcp(loops, loop, timeout)
                                                    .config()
                                                    .options())
                                    .containsEntry(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis));
        }
    }
}
