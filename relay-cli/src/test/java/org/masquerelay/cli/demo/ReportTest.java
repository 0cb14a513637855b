package org.masquerelay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.masquerelay.cli.demo.Probe.Protocol;
import org.masquerelay.cli.demo.Probe.Row;
import org.masquerelay.cli.demo.Probe.Step;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import tools.jackson.databind.json.JsonMapper;

final class ReportTest {
    private static final Row GOOD = row("a page", Protocol.TCP, "200", "200", 12);
    private static final Row BAD = row("a \"DNS\" answer", Protocol.UDP, "NOERROR", "503 x", 3456);

    @Test
    void jsonHasTheFieldsThatScriptsRead() {
        var json = JsonMapper.shared().readTree(new Report(List.of(GOOD, BAD)).json());

        assertThat(json.get("ok").asBoolean()).isFalse();
        var row = json.get("rows").get(1);
        assertThat(row.get("name").asString()).isEqualTo("a \"DNS\" answer");
        assertThat(row.get("protocol").asString()).isEqualTo("udp");
        assertThat(row.get("transport").asString()).isEqualTo("h2");
        assertThat(row.get("expected").asString()).isEqualTo("NOERROR");
        assertThat(row.get("got").asString()).isEqualTo("503 x");
        assertThat(row.get("millis").asLong()).isEqualTo(3456);
    }

    @Test
    void jsonIsOneLine() {
        assertThat(new Report(List.of(GOOD, BAD)).json().lines()).hasSize(1);
    }

    @Test
    void isGoodOnlyIfEveryRowIs() {
        assertThat(new Report(List.of(GOOD)).ok()).isTrue();
        assertThat(new Report(List.of(GOOD, BAD)).ok()).isFalse();
        assertThat(new Report(List.of()).ok()).isFalse();
    }

    @Test
    void alignsTheColumnsAndSumsUp() {
        assertThat(new Report(List.of(GOOD, BAD)).text(false).lines())
                .containsExactly(
                        "      WHAT            PROTOCOL  TRANSPORT  THROUGH           EXPECTED  GOT      MS",
                        "ok    a page          tcp       h3         client > ingress  200       200      12",
                        "FAIL  a \"DNS\" answer  udp       h2         client > ingress  NOERROR   503 x  3456",
                        "",
                        "1 of 2 as expected.");
    }

    @Test
    void paintsOnlyTheMarks() {
        var lines = new Report(List.of(GOOD, BAD)).text(true).lines().toList();

        assertThat(lines.get(1)).startsWith("\u001b[32mok\u001b[0m    a page");
        assertThat(lines.get(2)).startsWith("\u001b[31mFAIL\u001b[0m  a");
    }

    @Test
    void keepsControlCharactersOutOfTheTable() {
        var evil = row("name", Protocol.TCP, "200", "\u001b[2Jgone\n", 1);

        assertThat(new Report(List.of(evil)).text(false)).contains("?[2Jgone?");
    }

    @Test
    void aFailureIsAnAnswerToo() {
        var probe =
                new Probe(
                        "x",
                        Protocol.TCP,
                        HttpVersion.H3,
                        "",
                        "200",
                        Step.NONE,
                        () -> {
                            throw new IOException("the tunnel broke");
                        });

        assertThat(probe.run().got()).isEqualTo("failed: the tunnel broke");
        assertThat(probe.run().ok()).isFalse();
    }

    @Test
    void wordsARefusalByItsReason() {
        var prohibited =
                HeaderFields.of("proxy-status", "egress; error=destination_ip_prohibited, ingress");

        assertThat(Answers.refusal(new TunnelRefusedException(403, prohibited)))
                .isEqualTo("403 destination_ip_prohibited");
        assertThat(Answers.refusal(new TunnelRefusedException(403, HeaderFields.NONE)))
                .isEqualTo("403");
        assertThat(Answers.statusOf("502 connection_timeout")).isEqualTo("502 with Proxy-Status");
        assertThat(Answers.statusOf("502")).isEqualTo("502");
    }

    @Test
    void aTunnelThatOpensIsNoRefusal() throws Exception {
        assertThat(Answers.refusalOf(() -> () -> {})).isEqualTo("a tunnel");
    }

    private static Row row(
            String name, Protocol protocol, String expected, String got, long millis) {
        var transport = protocol == Protocol.TCP ? HttpVersion.H3 : HttpVersion.H2;
        var probe =
                new Probe(
                        name,
                        protocol,
                        transport,
                        "client > ingress",
                        expected,
                        Step.NONE,
                        () -> got);
        return new Row(probe, got, millis);
    }
}
