package org.masquerelay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.pki.PrivateFiles;
import org.masquerelay.tunnel.Tenant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Hashes a password for the users file of an ingress.
@Command(
        name = "password",
        description = {
            "Hashes a password and prints a line for relay.auth.basic.users-file.",
            "Asks for the password at a terminal, or takes a line of standard input."
        })
final class PasswordCommand implements Callable<Integer> {
    /// In bytes. The relay reads no longer ones.
    private static final int MAX_LENGTH = 512;

    private final Console console;
    private final PasswordInput input;

    @Parameters(
            paramLabel = "NAME",
            description = "Who it is for: printable ASCII characters but the colon.")
    private String name = "";

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Put the line into this file, in the place of one for the same name.")
    private @Nullable Path file;

    PasswordCommand(Console console, PasswordInput input) {
        this.console = console;
        this.input = input;
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        if (!Tenant.isValid(name) || name.contains(":") || name.startsWith("#")) {
            throw CommandFailure.misused(
                    "NAME is 1 to 256 printable ASCII characters without a colon, and starts with"
                            + " no #");
        }
        var line = name + ":" + PasswordHash.of(password(), new SecureRandom()).format();
        if (file == null) {
            console.out().println(line);
        } else {
            put(file, line);
        }
        return ExitStatus.SUCCESS;
    }

    private String password() throws CommandFailure, IOException {
        String password = input.read();
        if (password.isEmpty()
                || password.getBytes(UTF_8).length > MAX_LENGTH
                || password.chars().anyMatch(Character::isISOControl)) {
            throw CommandFailure.failed(
                    "a password is 1 to " + MAX_LENGTH + " bytes without control characters");
        }
        return password;
    }

    /// A relay that follows the file sees the old lines or the new ones.
    private void put(Path users, String line) throws IOException {
        boolean isNew = Files.notExists(users);
        var lines = new ArrayList<String>(isNew ? List.of() : Files.readAllLines(users, UTF_8));
        int at = 0;
        while (at < lines.size() && !lines.get(at).strip().startsWith(name + ":")) {
            at++;
        }
        if (at < lines.size()) {
            lines.set(at, line);
        } else {
            lines.add(line);
        }
        byte[] content = (String.join("\n", lines) + "\n").getBytes(UTF_8);
        var view = Files.getFileAttributeView(users, PosixFileAttributeView.class);
        var before = isNew || view == null ? null : view.readAttributes();
        PrivateFiles.write(users.toAbsolutePath(), content);
        if (before != null) {
            // Whoever could read it before, such as the relay, still can.
            view.setPermissions(before.permissions());
            view.setGroup(before.group());
            view.setOwner(before.owner());
        }
    }
}
