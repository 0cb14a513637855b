package org.masquerelay.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.masquerelay.cli.demo.Probe.Row;
import tools.jackson.databind.json.JsonMapper;

/// What a demonstration has shown.
public record Report(List<Row> rows) {
    private static final String GREEN = "\u001b[32m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    public Report {
        rows = List.copyOf(rows);
    }

    /// Whether everything was as expected, and there was anything.
    public boolean ok() {
        return !rows.isEmpty() && rows.stream().allMatch(Row::ok);
    }

    /// One JSON object on one line.
    public String json() {
        var lines =
                rows.stream()
                        .map(row ->
                                new JsonRow(
                                        row.probe().name(),
                                        protocol(row),
                                        row.probe().transport().tag(),
                                        row.probe().hops(),
                                        row.probe().expected(),
                                        row.got(),
                                        row.millis(),
                                        row.ok()))
                        .toList();
        return JsonMapper.shared().writeValueAsString(new JsonReport(ok(), lines));
    }

    /// A table with aligned columns and a summary.
    public String text(boolean colours) {
        var cells = new ArrayList<List<String>>();
        cells.add(List.of("", "WHAT", "PROTOCOL", "TRANSPORT", "THROUGH", "EXPECTED", "GOT", "MS"));
        for (var row : rows) {
            cells.add(
                    List.of(
                            row.ok() ? "ok" : "FAIL",
                            row.probe().name(),
                            protocol(row),
                            row.probe().transport().tag(),
                            row.probe().hops(),
                            row.probe().expected(),
                            row.got(),
                            Long.toString(row.millis())));
        }
        var text = new StringBuilder(Table.format(cells));
        if (colours) {
            paint(text);
        }
        long good = rows.stream().filter(Row::ok).count();
        return text.append('\n')
                .append("%d of %d as expected.%n".formatted(good, rows.size()))
                .toString();
    }

    private void paint(StringBuilder text) {
        int line = text.indexOf("\n") + 1;
        for (var row : rows) {
            int mark = row.ok() ? "ok".length() : "FAIL".length();
            text.insert(line + mark, PLAIN).insert(line, row.ok() ? GREEN : RED);
            line = text.indexOf("\n", line) + 1;
        }
    }

    private static String protocol(Row row) {
        return row.probe().protocol().name().toLowerCase(Locale.ROOT);
    }

    private record JsonReport(boolean ok, List<JsonRow> rows) {}

    private record JsonRow(
            String name,
            String protocol,
            String transport,
            String hops,
            String expected,
            String got,
            long millis,
            boolean ok) {}
}
