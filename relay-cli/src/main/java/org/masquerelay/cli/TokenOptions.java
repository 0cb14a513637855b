package org.masquerelay.cli;

import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--issuer",
            paramLabel = "HOST:PORT",
            converter = HostPorts.class,
            description =
                    "Who gives tokens (default: the relay itself). --ca says who signs its"
                            + " certificate, too.")
    private @Nullable HostPort issuer;

    /// Fetches tokens for `relay`, which is reached as `connection` says.
    Issuer issuer(Relay relay, ConnectionOptions connection) throws CommandFailure {
        var origin = connection.origin();
        var elsewhere = issuer;
        if (elsewhere == null) {
            return new Issuer(new TokenFetcher(relay, origin, Clock.systemUTC(), types), () -> {});
        }
        var dialled = connection.connectTo(elsewhere);
        return new Issuer(
                new TokenFetcher(dialled, elsewhere, origin, Clock.systemUTC(), types),
                dialled::close);
    }

    /// Where tokens come from.
    ///
    /// @param release ends the connection that is for them alone
    record Issuer(TokenFetcher fetcher, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }
}
