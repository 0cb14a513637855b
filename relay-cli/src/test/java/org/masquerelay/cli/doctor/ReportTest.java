package org.masquerelay.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class ReportTest {
    private static final Finding GOOD = Finding.ok("ports", "enough");
    private static final Finding POOR = Finding.warn("send buffers", "1 KiB", "sysctl -w a=b");
    private static final Finding BAD = Finding.fail("clock", "\u001b[2Jgone", "set it");

    @Test
    void putsWhatToChangeBelowWhatWasFound() {
        assertThat(new Report(List.of(GOOD, POOR, BAD), false).text(false).lines())
                .containsExactly(
                        "      CHECK         FOUND",
                        "ok    ports         enough",
                        "warn  send buffers  1 KiB",
                        "      sysctl -w a=b",
                        "FAIL  clock         ?[2Jgone",
                        "      set it",
                        "",
                        "1 ok, 1 to look at, 1 failed.");
    }

    @Test
    void warningsFailOnlyWhenItIsStrict() {
        assertThat(new Report(List.of(GOOD, POOR), false).ok()).isTrue();
        assertThat(new Report(List.of(GOOD, POOR), true).ok()).isFalse();
        assertThat(new Report(List.of(GOOD), true).ok()).isTrue();
        assertThat(new Report(List.of(GOOD, BAD), false).ok()).isFalse();
    }

    @Test
    void jsonHasTheFieldsThatScriptsRead() {
        var json = JsonMapper.shared().readTree(new Report(List.of(GOOD, POOR), false).json());

        assertThat(json.get("ok").asBoolean()).isTrue();
        var row = json.get("checks").get(1);
        assertThat(row.get("check").asString()).isEqualTo("send buffers");
        assertThat(row.get("mark").asString()).isEqualTo("warn");
        assertThat(row.get("found").asString()).isEqualTo("1 KiB");
        assertThat(row.get("change").asString()).isEqualTo("sysctl -w a=b");
    }

    @Test
    void paintsOnlyTheMarks() {
        assertThat(new Report(List.of(POOR), false).text(true))
                .contains("\u001b[33mwarn\u001b[0m  send buffers");
    }
}
