package org.masquerelay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.password.PasswordHash;

final class PasswordCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir private Path directory = Path.of("");

    private int run(String input, String... arguments) {
        var console =
                new Console(
                        new ByteArrayInputStream(input.getBytes(UTF_8)),
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8),
                        false);
        return RelayCommand.commandLine(console).execute(arguments);
    }

    private static void assertIsFor(String name, String password, String line) {
        assertThat(line).startsWith(name + ":");
        var hash = PasswordHash.parse(line.substring(name.length() + 1));
        assertThat(hash.matches(password)).isTrue();
        assertThat(hash.matches(password + "x")).isFalse();
    }

    @Test
    void printsALineForTheUsersFile() {
        assertThat(run("open s\u00e9same\nmore\n", "password", "alice@example.com")).isZero();

        var lines = out.toString(UTF_8).lines().toList();
        assertThat(lines).hasSize(1);
        assertIsFor("alice@example.com", "open s\u00e9same", lines.getFirst());
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void takesALineWithoutAnEnd() {
        assertThat(run("one", "password", "alice")).isZero();

        assertIsFor("alice", "one", out.toString(UTF_8).strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "xy\tzzy\n"})
    void refusesWhatIsNoPassword(String input) {
        assertThat(run(input, "password", "alice")).isEqualTo(1);
        assertThat(out.toString(UTF_8)).isEmpty();
        assertThat(err.toString(UTF_8)).startsWith("relay password: ").doesNotContain("zzy");
    }

    @Test
    void refusesAPasswordThatTheRelayWouldNotRead() {
        assertThat(run("\u00e9".repeat(256) + "\n", "password", "alice")).isZero();
        assertThat(run("\u00e9".repeat(257) + "\n", "password", "alice")).isEqualTo(1);
    }

    @Test
    void putsTheLineIntoAFile() throws Exception {
        var users = directory.resolve("users");

        assertThat(run("one\n", "password", "alice", "--file", users.toString())).isZero();
        assertThat(run("two\n", "password", "al", "--file", users.toString())).isZero();
        assertThat(Files.getPosixFilePermissions(users))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        var shared = PosixFilePermissions.fromString("rw-r-----");
        Files.setPosixFilePermissions(users, shared);
        assertThat(run("three\n", "password", "alice", "--file", users.toString())).isZero();

        var lines = Files.readAllLines(users);
        assertThat(lines).hasSize(2);
        assertIsFor("alice", "three", lines.get(0));
        assertIsFor("al", "two", lines.get(1));
        assertThat(Files.getPosixFilePermissions(users)).isEqualTo(shared);
        assertThat(out.toString(UTF_8)).isEmpty();
    }

    @Test
    void keepsCommentsOfTheFile() throws Exception {
        var users = Files.writeString(directory.resolve("users"), "# ours\n\nbob:x");

        assertThat(run("one\n", "password", "alice", "--file", users.toString())).isZero();

        assertThat(Files.readAllLines(users)).hasSize(4).startsWith("# ours", "", "bob:x");
    }
}
