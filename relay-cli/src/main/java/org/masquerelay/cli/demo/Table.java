package org.masquerelay.cli.demo;

import java.util.List;

/// Lines of cells whose columns are as wide as their widest cell.
public final class Table {
    private static final String GAP = "  ";

    private Table() {}

    /// Numbers, which every last column here holds, end at the right edge.
    static String format(List<List<String>> lines) {
        int columns = lines.getFirst().size();
        var widths = new int[columns];
        for (var line : lines) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], printable(line.get(i)).length());
            }
        }
        var text = new StringBuilder();
        for (var line : lines) {
            for (int i = 0; i < columns; i++) {
                String cell = printable(line.get(i));
                String padding = " ".repeat(widths[i] - cell.length());
                boolean last = i == columns - 1;
                text.append(last ? padding + cell + '\n' : cell + padding + GAP);
            }
        }
        return text.toString();
    }

    /// What a peer sent must not move the cursor of the reader's terminal.
    public static String printable(String cell) {
        var out = new StringBuilder(cell.length());
        cell.chars().forEach(c -> out.append(c >= 0x20 && c < 0x7f ? (char) c : '?'));
        return out.toString();
    }
}
