package org.masquerelay.cli.doctor;

import java.util.List;
import org.masquerelay.cli.demo.Table;
import org.masquerelay.cli.doctor.Finding.Mark;
import tools.jackson.databind.json.JsonMapper;

/// All findings of a run.
///
/// @param strict whether a warning counts as a failure
public record Report(List<Finding> findings, boolean strict) {
    private static final String GREEN = "\u001b[32m";
    private static final String YELLOW = "\u001b[33m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";
    private static final int MARK_WIDTH = Mark.FAIL.text().length();
    private static final String INDENT = " ".repeat(MARK_WIDTH + 2);

    public Report {
        findings = List.copyOf(findings);
    }

    /// Whether the host is fit for the relay.
    public boolean ok() {
        return count(Mark.FAIL) == 0 && (!strict || count(Mark.WARN) == 0);
    }

    /// One JSON object on one line.
    public String json() {
        var rows =
                findings.stream()
                        .map(finding ->
                                new JsonRow(
                                        finding.check(),
                                        finding.mark().text(),
                                        finding.found(),
                                        finding.change()))
                        .toList();
        return JsonMapper.shared().writeValueAsString(new JsonReport(ok(), rows));
    }

    /// A line for each finding, below it what to change, and a summary.
    public String text(boolean colours) {
        int width = "CHECK".length();
        for (var finding : findings) {
            width = Math.max(width, Table.printable(finding.check()).length());
        }
        var text = new StringBuilder(INDENT).append(padded("CHECK", width)).append("  FOUND\n");
        for (var finding : findings) {
            String mark = padded(finding.mark().text(), MARK_WIDTH);
            text.append(colours ? colourOf(finding.mark()) + mark + PLAIN : mark)
                    .append("  ")
                    .append(padded(Table.printable(finding.check()), width))
                    .append("  ")
                    .append(Table.printable(finding.found()))
                    .append('\n');
            if (!finding.change().isEmpty()) {
                text.append(INDENT).append(Table.printable(finding.change())).append('\n');
            }
        }
        return text.append(
                        "%n%d ok, %d to look at, %d failed.%n"
                                .formatted(count(Mark.OK), count(Mark.WARN), count(Mark.FAIL)))
                .toString();
    }

    private long count(Mark mark) {
        return findings.stream().filter(finding -> finding.mark() == mark).count();
    }

    private static String colourOf(Mark mark) {
        return switch (mark) {
            case OK -> GREEN;
            case WARN -> YELLOW;
            case FAIL -> RED;
        };
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private record JsonReport(boolean ok, List<JsonRow> checks) {}

    private record JsonRow(String check, String mark, String found, String change) {}
}
