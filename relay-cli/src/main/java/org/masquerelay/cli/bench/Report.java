package org.masquerelay.cli.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Figures.Cost;
import tools.jackson.databind.json.JsonMapper;

/// All that a benchmark has measured.
public record Report(HopVersions versions, List<Figures> cases) {
    private static final Set<String> RELAYS = Set.of(Roles.INGRESS, Roles.EGRESS);
    private static final String ABSENT = "-";
    private static final List<String> HEADINGS =
            List.of(
                    "CASE",
                    "DGRAM/S",
                    "MB/S",
                    "P50us",
                    "P99us",
                    "IDLE-P50",
                    "IDLE-P99",
                    "LOSS%",
                    "RELAY",
                    "CPU s/M",
                    "LOOP s/M",
                    "CPU s/GB",
                    "LOOP s/GB",
                    "CPU%",
                    "");

    /// The ratios are to a tunnel alone.
    private static final List<String> GATE_HEADINGS =
            List.of(
                    "CASE",
                    "BESIDE",
                    "OF IT/S",
                    "IDLE-P50",
                    "IDLE-P99",
                    "P99-TURNS",
                    "P50-RATIO",
                    "P99-RATIO");

    private static final String GATE_LEGEND =
            """

            IDLE: the median over turns of a second each. P99-TURNS: where the p99 of eight turns in ten is.
            """;

    /// Columns of a case, before those of a relay.
    private static final int CASE_COLUMNS = 8;

    private static final String LEGEND =
            """

            DGRAM/S and MB/S in each direction; MB and GB are powers of ten. IDLE: one datagram under way.
            s/M: CPU seconds for a million datagrams, each direction counted on its own (us per datagram).
            LOOP: the part of the event loops. CPU%: of one processor.
            """;

    public Report {
        cases = List.copyOf(cases);
    }

    /// Whether everything was measured, and nothing went wrong.
    public boolean ok() {
        return !cases.isEmpty() && cases.stream().allMatch(Figures::ok);
    }

    /// One JSON object on one line.
    public String json() {
        return JsonMapper.shared()
                .writeValueAsString(
                        new Json(ok(), versions.client().tag(), versions.upstream().tag(), cases));
    }

    /// @param transport the HTTP version of the load generator
    /// @param upstream that between the relays
    private record Json(boolean ok, String transport, String upstream, List<Figures> cases) {}

    /// A table with one line for each case, or for each relay on its way.
    public String text() {
        var table = new Columns(HEADINGS, Set.of("CASE", "RELAY", ""));
        for (var figures : cases) {
            var relays = figures.cost().stream().filter(c -> RELAYS.contains(c.process())).toList();
            table.add(
                    line(caseCells(figures), relays.isEmpty() ? null : relays.getFirst(), figures));
            relays.stream()
                    .skip(1)
                    .forEach(relay ->
                            table.add(line(Collections.nCopies(CASE_COLUMNS, ""), relay, null)));
        }
        return table.text()
                + gateText()
                + LEGEND
                + "The first hop is over %s, the one between the relays over %s.%n"
                        .formatted(versions.client().tag(), versions.upstream().tag());
    }

    /// A table of what running tunnels feel of their company, if that was measured.
    private String gateText() {
        if (cases.stream().allMatch(figures -> figures.gate().isEmpty())) {
            return "";
        }
        var table = new Columns(GATE_HEADINGS, Set.of("CASE", "BESIDE"));
        for (var figures : cases) {
            for (var company : figures.gate()) {
                var alone = figures.gate().getFirst();
                table.add(
                        List.of(
                                figures.name(),
                                company.asked().isEmpty() ? ABSENT : company.asked(),
                                number("%.0f", company.perSecond()),
                                number("%.0f", company.p50Micros()),
                                number("%.0f", company.p99Micros()),
                                number("%.0f", company.p99LowMicros())
                                        + '-'
                                        + number("%.0f", company.p99HighMicros()),
                                number("%.2f", company.p50Micros() / alone.p50Micros()),
                                number("%.2f", company.p99Micros() / alone.p99Micros())));
            }
        }
        return '\n' + table.text() + GATE_LEGEND;
    }

    private static List<String> line(
            List<String> caseCells, @Nullable Cost relay, @Nullable Figures figures) {
        var line = new ArrayList<>(caseCells);
        line.addAll(relayCells(relay));
        line.add(figures == null ? "" : figures.ok() ? "ok" : "FAIL: " + figures.trouble());
        return line;
    }

    private static List<String> caseCells(Figures figures) {
        var udp = figures.udp();
        String rate = number("%.1f", figures.megabytesPerSecond());
        return udp == null
                ? List.of(figures.name(), ABSENT, rate, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT)
                : List.of(
                        figures.name(),
                        number("%.0f", udp.datagramsPerSecond()),
                        rate,
                        number("%.0f", udp.p50Micros()),
                        number("%.0f", udp.p99Micros()),
                        number("%.0f", udp.idleP50Micros()),
                        number("%.0f", udp.idleP99Micros()),
                        number("%.3f", udp.lossPercent()));
    }

    private static List<String> relayCells(@Nullable Cost relay) {
        return relay == null
                ? List.of("", "", "", "", "", "")
                : List.of(
                        relay.process(),
                        number("%.2f", relay.cpuSecondsPerMillionDatagrams()),
                        number("%.2f", relay.loopSecondsPerMillionDatagrams()),
                        number("%.2f", relay.cpuSecondsPerGigabyte()),
                        number("%.2f", relay.loopSecondsPerGigabyte()),
                        number("%.0f", relay.cpuPercent()));
    }

    private static String number(String format, @Nullable Double value) {
        return value == null ? ABSENT : String.format(Locale.ROOT, format, value);
    }
}
