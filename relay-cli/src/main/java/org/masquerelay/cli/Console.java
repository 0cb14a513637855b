package org.masquerelay.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// Where a command reads and writes.
///
/// @param colours whether the reader is a person at a terminal who has not set `NO_COLOR`
public record Console(InputStream in, PrintStream out, PrintStream err, boolean colours) {
    static Console ofProcess() {
        boolean isTerminal =
                Optional.ofNullable(System.console())
                        .map(java.io.Console::isTerminal)
                        .orElse(false);
        return new Console(
                System.in,
                new PrintStream(System.out, true, StandardCharsets.UTF_8),
                new PrintStream(System.err, true, StandardCharsets.UTF_8),
                isTerminal && wantsColours(System.getenv()));
    }

    /// See https://no-color.org.
    static boolean wantsColours(Map<String, String> environment) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }
}
