package org.masquerelay.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Lines of cells whose columns are as wide as their widest cell: words begin at the left edge,
/// numbers end at the right one.
final class Columns {
    private static final String GAP = "  ";

    private final List<List<String>> lines = new ArrayList<>();
    private final List<Boolean> words;
    private final int[] widths;

    /// @param words headings of the columns that hold words
    Columns(List<String> headings, Set<String> words) {
        this.words = headings.stream().map(words::contains).toList();
        this.widths = new int[headings.size()];
        add(headings);
    }

    void add(List<String> line) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], line.get(i).length());
        }
        lines.add(List.copyOf(line));
    }

    String text() {
        var text = new StringBuilder();
        for (var line : lines) {
            var row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - line.get(i).length());
                row.append(words.get(i) ? line.get(i) + padding : padding + line.get(i));
                row.append(GAP);
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
