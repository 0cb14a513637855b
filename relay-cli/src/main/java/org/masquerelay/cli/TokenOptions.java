package org.masquerelay.cli;

import java.time.Clock;
import java.util.List;
import org.masquerelay.cli.token.Relay;
import org.masquerelay.cli.token.TokenFetcher;
import org.masquerelay.token.TokenType;
import org.masquerelay.wire.HostPort;
import picocli.CommandLine.Option;

/// The options of commands that pay for a tunnel.
final class TokenOptions {
    @Option(
            names = "--token-types",
            paramLabel = "TYPE",
            split = ",",
            converter = TokenTypes.class,
            description =
                    "The types of token to answer challenges with, the preferred one first"
                            + " (default: 2,1). 2 is blind RSA, 1 is VOPRF.")
    private List<TokenType> types = TokenFetcher.PREFERENCE;

    /// Fetches tokens from the issuer of a relay.
    TokenFetcher fetcher(Relay relay, HostPort origin) {
        return new TokenFetcher(relay, origin, Clock.systemUTC(), types);
    }
}
