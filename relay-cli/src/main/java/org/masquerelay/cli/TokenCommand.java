package org.masquerelay.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.masquerelay.cli.token.Challenges;
import org.masquerelay.token.Base64Url;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Fetches tokens and prints them, for clients other than this one.
@Command(
        name = "token",
        description = {
            "Fetches a token from the relay's issuer and prints it.",
            "A client sends it once, as 'Authorization: PrivateToken token=\"...\"'."
        })
final class TokenCommand implements Callable<Integer> {
    /// Each costs the issuer a signature.
    private static final int MAX_COUNT = 1000;

    private final Console console;

    @Mixin private final ConnectionOptions connection = new ConnectionOptions();

    @Mixin private final TokenOptions tokens = new TokenOptions();

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "How many, one on each line (default: 1).")
    private int count = 1;

    TokenCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException {
        if (count < 1 || count > MAX_COUNT) {
            throw CommandFailure.misused("--count is a number from 1 to " + MAX_COUNT);
        }
        try (var relay = connection.connect();
                var issuer = tokens.issuer(relay, connection)) {
            var challenge = Challenges.askFor(relay);
            for (int i = 0; i < count; i++) {
                console.out()
                        .println(Base64Url.encode(issuer.fetcher().fetch(challenge).serialise()));
            }
        }
        return ExitStatus.SUCCESS;
    }
}
