package org.masquerelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConsoleTest {
    @Test
    void noColorTakesColoursAway() {
        assertThat(Console.wantsColours(Map.of("TERM", "xterm"))).isTrue();
        assertThat(Console.wantsColours(Map.of("TERM", "xterm", "NO_COLOR", ""))).isTrue();
        assertThat(Console.wantsColours(Map.of("TERM", "xterm", "NO_COLOR", "1"))).isFalse();
        assertThat(Console.wantsColours(Map.of("TERM", "dumb"))).isFalse();
    }

    @Test
    void readsDurationsWithAndWithoutUnit() {
        var durations = new Durations();

        assertThat(durations.convert("10")).isEqualTo(Duration.ofSeconds(10));
        assertThat(durations.convert("10s")).isEqualTo(Duration.ofSeconds(10));
        assertThat(durations.convert("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(durations.convert("2m")).isEqualTo(Duration.ofMinutes(2));
    }
}
