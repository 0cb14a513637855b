package org.masquerelay.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class CpuClockTest {
    private static final String STAT =
            "77 (relay) loop (1) S 1 2 3 4 5 6 7 8 9 10 250 50 13 14 20 0 30 0";

    @Test
    void readsANameThatHoldsParentheses() throws IOException {
        assertThat(CpuClock.nameIn(STAT)).isEqualTo("relay) loop (1");
    }

    @Test
    void addsTheTimeInTheProgramAndInTheKernel() throws IOException {
        assertThat(CpuClock.secondsIn(STAT)).isEqualTo(3.0);
    }

    @Test
    void refusesWhatIsCut() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> CpuClock.secondsIn("77 (relay) S 1 2"));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> CpuClock.nameIn("77"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void readsThisProcess() throws IOException {
        var usage = CpuClock.read(ProcessHandle.current().pid());

        assertThat(usage.total()).isPositive();
        assertThat(usage.loops()).isNotNegative().isLessThanOrEqualTo(usage.total());
    }
}
