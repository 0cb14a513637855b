package org.masquerelay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.ScheduledKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Adds a key to an issuer's file and gives the older ones an end.
@Command(
        name = "rotate",
        description = {
            "Adds a new key to an issuer's file, or makes the file, and gives the older keys an end.",
            "A running issuer notices by itself. Prints all keys and their times."
        })
final class RotateCommand implements Callable<Integer> {
    /// Longer than the directory of our issuer is kept by whoever has fetched it.
    private static final Duration ACTIVE_IN = Duration.ofHours(2);

    private static final Duration OVERLAP = Duration.ofHours(24);

    private final Console console;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            required = true,
            description = "The file: PEM, or PKCS #12 with --password-file.")
    private Path keyFile = Path.of("");

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Whose first line is the password of a PKCS #12 file.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            converter = TokenTypes.class,
            description = "Of the new key: 2, blind RSA, or 1, VOPRF (default: 2).")
    private TokenType type = TokenType.BLIND_RSA;

    @Option(
            names = "--active-in",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "When clients begin to use it (default: 2h; at once for a first key).")
    private Duration activeIn = ACTIVE_IN;

    @Option(
            names = "--overlap",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "How long after that the older keys are used (default: 24h).")
    private Duration overlap = OVERLAP;

    RotateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        var keys = new KeyRotation(keyFile, password()).rotate(type, activeIn, overlap);
        keys.keys().forEach(key -> console.out().println(line(key)));
        return ExitStatus.SUCCESS;
    }

    private String password() throws CommandFailure, IOException {
        if (passwordFile == null) {
            return "";
        }
        List<String> lines = Files.readAllLines(passwordFile);
        if (lines.isEmpty() || lines.getFirst().isEmpty()) {
            throw CommandFailure.misused("--password-file names a file without a password");
        }
        return lines.getFirst();
    }

    /// The identity is public: tokens and challenges carry it.
    private static String line(ScheduledKey key) {
        byte[] id = key.pair().publicKey().tokenKeyId().toArray();
        return "type 0x%04x  key %s  from %s  until %s"
                .formatted(
                        key.pair().type().code(),
                        HexFormat.of().formatHex(id, 0, 8),
                        key.notBefore().equals(Instant.EPOCH) ? "always" : key.notBefore(),
                        key.notAfter().equals(Instant.MAX) ? "always" : key.notAfter());
    }
}
