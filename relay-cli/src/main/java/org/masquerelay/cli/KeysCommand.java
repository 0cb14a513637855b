package org.masquerelay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.masquerelay.pki.TrialPki;
import org.masquerelay.token.TokenType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Makes what the processes of a trial need that share no files, such as containers.
@Command(
        name = "keys",
        description = {
            "Makes certificates, keys and secrets for a trial: for ingress, egress, issuer and"
                    + " client a directory each, with what that one needs and nothing of the"
                    + " others.",
            "What is there and good for three days more stays; otherwise all is made anew."
        })
final class KeysCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "DIRECTORY", description = "Where the directories are or will be.")
    private Path directory = Path.of("");

    @Option(
            names = "--name",
            paramLabel = "HOST",
            split = ",",
            description =
                    "A name or address of the servers, beside localhost and ingress, egress or"
                            + " issuer; more than one may be.")
    private List<String> names = List.of();

    KeysCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        var now = Clock.systemUTC().instant();
        var pki = new TrialPki(directory);
        var issuerKeys = directory.resolve("issuer/issuer.pem");
        boolean good = pki.isGoodAt(now);
        if (!good) {
            pki.make(now, names);
        }
        if (!Files.exists(issuerKeys)) {
            new KeyRotation(issuerKeys, "")
                    .rotate(TokenType.BLIND_RSA, Duration.ZERO, Duration.ZERO);
        }
        console.out().println(good ? "good as they are" : "made in " + directory);
        return ExitStatus.SUCCESS;
    }
}
