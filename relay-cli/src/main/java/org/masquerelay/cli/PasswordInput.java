package org.masquerelay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.Optional;

/// Where a new password comes from.
interface PasswordInput {
    /// @throws CommandFailure when there is none, or it would be seen on the screen
    String read() throws CommandFailure, IOException;

    /// Asks twice at a terminal, without showing what is typed; otherwise takes one line.
    @SuppressWarnings("ReferenceEquality") // That of the process and no other is a terminal's.
    static PasswordInput of(InputStream in) {
        if (in != System.in) {
            return () -> line(in);
        }
        return () -> {
            var terminal =
                    Optional.ofNullable(System.console()).filter(java.io.Console::isTerminal);
            if (terminal.isPresent()) {
                return askTwice(terminal.get());
            }
            if (isTyped()) {
                throw CommandFailure.failed(
                        "the password would be seen while it is typed; leave out the redirection"
                                + " and say --file");
            }
            return line(in);
        };
    }

    /// Asks once at a terminal for the password of `user`, without showing what is typed.
    static String asked(String user) throws CommandFailure {
        var terminal = Optional.ofNullable(System.console()).filter(java.io.Console::isTerminal);
        if (terminal.isEmpty()) {
            throw CommandFailure.misused(
                    "there is no terminal to ask for the password at: say --password-file");
        }
        char[] typed = terminal.get().readPassword("Password of %s: ", user);
        if (typed == null) {
            throw CommandFailure.failed("there is no password");
        }
        return new String(typed);
    }

    private static String askTwice(java.io.Console terminal) throws CommandFailure {
        char[] first = terminal.readPassword("Password: ");
        char[] second = terminal.readPassword("Once more: ");
        if (first == null || second == null) {
            throw CommandFailure.failed("there is no password");
        }
        if (!Arrays.equals(first, second)) {
            throw CommandFailure.failed("the two passwords differ");
        }
        return new String(first);
    }

    /// Java knows a terminal only by both ends, of which one may be redirected.
    private static boolean isTyped() {
        try {
            var test = new ProcessBuilder("test", "-t", "0");
            return test.redirectInput(ProcessBuilder.Redirect.INHERIT).start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static String line(InputStream in) throws CommandFailure, IOException {
        var line = new BufferedReader(new InputStreamReader(in, UTF_8)).readLine();
        if (line == null) {
            throw CommandFailure.failed("there is no password on standard input");
        }
        return line;
    }
}
