package org.masquerelay.cli.token;

import java.io.IOException;
import java.util.Optional;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// Takes the challenge out of a relay's refusal.
public final class Challenges {
    /// A target that no tunnel ever reaches (RFC 6761, section 6.4): it is only asked for to be
    /// challenged.
    private static final HostPort NOWHERE = new HostPort("challenge.invalid", 443);

    private Challenges() {}

    /// The first challenge for a token of the type that is known here.
    public static Optional<PrivateTokenChallenge> in(TunnelRefusedException refusal) {
        return refusal.fields().all("www-authenticate").stream()
                .flatMap(value -> parse(value).stream())
                .findFirst();
    }

    /// Asks for a tunnel without paying, and takes the challenge that comes back.
    public static PrivateTokenChallenge askFor(Relay relay) throws IOException {
        try (var _ = relay.openTcp(NOWHERE, HeaderFields.NONE)) {
            throw new IOException("the relay opens tunnels without a token");
        } catch (TunnelRefusedException e) {
            return in(e).orElseThrow(() ->
                    new IOException(
                            "the relay asks for no token that is known here: " + e.getMessage()));
        }
    }

    private static Optional<PrivateTokenChallenge> parse(String value) {
        try {
            return PrivateTokenChallenge.parseAll(value).stream()
                    .filter(PrivateTokenChallenge::isBlindRsa)
                    .findFirst();
        } catch (TokenFormatException e) {
            return Optional.empty(); // RFC 9577, section 2.1: what is not understood is ignored
        }
    }
}
