package org.masquerelay.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.masquerelay.cli.bench.Measurement.Company;
import org.masquerelay.cli.bench.Measurement.Datagrams;
import org.masquerelay.cli.bench.Measurement.ProcessCpu;
import org.masquerelay.cli.bench.Measurement.Quantiles;
import org.masquerelay.tunnel.HttpVersion;
import tools.jackson.databind.json.JsonMapper;

final class ReportTest {
    /// 100,000 datagrams of 1,200 bytes each way in two seconds.
    private static final Measurement UDP =
            new Measurement(
                    "udp-1200-2",
                    2,
                    120_000_000,
                    new Datagrams(
                            100_000, 1000, 7, 0, new Quantiles(500, 900), new Quantiles(80, 120)),
                    List.of(
                            new ProcessCpu("ingress", 1.8, 1.6),
                            new ProcessCpu("egress", 1.2, 1.0),
                            new ProcessCpu("targets", 0.4, 0)),
                    List.of(),
                    "");

    private static final HopVersions VERSIONS = new HopVersions(HttpVersion.H2, HttpVersion.H1);

    private static final Measurement TCP =
            new Measurement(
                    "tcp-up-1",
                    2,
                    400_000_000,
                    null,
                    List.of(new ProcessCpu("egress", 1.0, 0.8)),
                    List.of(),
                    "");

    private static final Measurement GATE =
            new Measurement(
                    "udp-64-2",
                    2,
                    120_000_000,
                    UDP.datagrams(),
                    List.of(),
                    List.of(
                            new Company("", 0, 200, 400, 380, 430),
                            new Company("token 0x0002", 500, 210, 500, 450, 610)),
                    "");

    @Test
    void countsEachDirectionOfADatagram() {
        var figures = Figures.of(UDP);
        var ingress = figures.cost().getFirst();

        assertThat(figures.megabytesPerSecond()).isEqualTo(60.0);
        assertThat(figures.udp())
                .isEqualTo(new Figures.Udp(50_000, 500, 900, 80, 120, 100 * 1000 / 101_000.0, 7));
        assertThat(ingress.cpuSecondsPerMillionDatagrams()).isCloseTo(9.0, within(1e-9));
        assertThat(ingress.loopSecondsPerMillionDatagrams()).isCloseTo(8.0, within(1e-9));
        assertThat(ingress.cpuSecondsPerGigabyte()).isCloseTo(7.5, within(1e-9));
        assertThat(ingress.cpuPercent()).isCloseTo(90.0, within(1e-9));
    }

    @Test
    void countsTheOneDirectionOfATcpTunnel() {
        var figures = Figures.of(TCP);

        assertThat(figures.megabytesPerSecond()).isEqualTo(200.0);
        assertThat(figures.cost().getFirst().cpuSecondsPerGigabyte()).isEqualTo(2.5);
        assertThat(figures.cost().getFirst().cpuSecondsPerMillionDatagrams()).isNull();
    }

    @Test
    void alignsOneLineForEachRelay() {
        String[] lines = report(UDP, TCP).text().split("\n", -1);

        assertThat(lines[0]).startsWith("CASE").contains("  DGRAM/S  ");
        assertThat(lines[1]).startsWith("udp-1200-2    50000   60.0").endsWith("90  ok");
        assertThat(lines[2].strip()).startsWith("egress").endsWith("60");
        assertThat(lines[2].indexOf("egress")).isEqualTo(lines[1].indexOf("ingress"));
        assertThat(lines[3]).startsWith("tcp-up-1").contains(" -  200.0");
        assertThat(lines[4]).isEmpty();
    }

    @Test
    void comparesATunnelInCompanyWithTheSameAlone() {
        String[] lines = report(UDP, GATE).text().split("\n", -1);

        assertThat(lines[4]).isEmpty();
        assertThat(lines[5]).startsWith("CASE").endsWith("P50-RATIO  P99-RATIO");
        assertThat(lines[6].split(" +"))
                .containsExactly("udp-64-2", "-", "0", "200", "400", "380-430", "1.00", "1.00");
        assertThat(lines[7].split(" {2,}"))
                .containsExactly(
                        "udp-64-2", "token 0x0002", "500", "210", "500", "450-610", "1.05", "1.25");
    }

    @Test
    void saysWhichHttpVersionsWereMeasured() {
        assertThat(report(UDP).text())
                .endsWith("The first hop is over h2, the one between the relays over h1.\n");
    }

    @Test
    void isOneJsonObject() {
        var json = JsonMapper.shared().readTree(report(UDP, TCP).json());

        assertThat(json.get("ok").booleanValue()).isTrue();
        assertThat(json.get("transport").stringValue()).isEqualTo("h2");
        assertThat(json.get("upstream").stringValue()).isEqualTo("h1");
        var first = json.get("cases").get(0);
        assertThat(first.get("name").stringValue()).isEqualTo("udp-1200-2");
        assertThat(first.get("udp").get("p99Micros").doubleValue()).isEqualTo(900);
        assertThat(first.get("cost").get(1).get("process").stringValue()).isEqualTo("egress");
        assertThat(json.get("cases").get(1).get("udp").isNull()).isTrue();
    }

    @Test
    void failsWithOneOfItsCases() {
        var failed = Measurement.failed(Case.all().getFirst(), "nobody listens");
        var report = report(UDP, failed);

        assertThat(report.ok()).isFalse();
        assertThat(report.text()).contains("FAIL: nobody listens");
        assertThat(report(UDP).ok()).isTrue();
        assertThat(report().ok()).isFalse();
    }

    @Test
    void measurementsSurviveTheWayBetweenProcesses() {
        var mapper = JsonMapper.shared();

        for (var measurement : List.of(UDP, TCP, GATE)) {
            String text = mapper.writeValueAsString(measurement);
            assertThat(mapper.readValue(text, Measurement.class)).isEqualTo(measurement);
        }
    }

    private static Report report(Measurement... measurements) {
        return new Report(VERSIONS, List.of(measurements).stream().map(Figures::of).toList());
    }
}
