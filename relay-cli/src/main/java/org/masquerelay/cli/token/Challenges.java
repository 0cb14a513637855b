package org.masquerelay.cli.token;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// Takes the challenge out of a relay's refusal.
///
/// @param field where the answer goes: `authorization`, or `proxy-authorization` for a relay that
///   asks as a proxy (RFC 9110, section 11.7)
public record Challenges(String field, List<PrivateTokenChallenge> offered) {
    /// A target that no tunnel ever reaches (RFC 6761, section 6.4): it is only asked for to be
    /// challenged.
    private static final HostPort NOWHERE = new HostPort("challenge.invalid", 443);

    public Challenges {
        offered = List.copyOf(offered);
    }

    /// The challenges of a refusal for tokens of types that are known here; empty without any.
    public static Optional<Challenges> in(TunnelRefusedException refusal) {
        var asOrigin = offered(refusal, "www-authenticate");
        var asProxy = offered(refusal, "proxy-authenticate");
        if (!asOrigin.isEmpty()) {
            return Optional.of(new Challenges("authorization", asOrigin));
        }
        return asProxy.isEmpty()
                ? Optional.empty()
                : Optional.of(new Challenges("proxy-authorization", asProxy));
    }

    private static List<PrivateTokenChallenge> offered(
            TunnelRefusedException refusal, String field) {
        return refusal.fields().all(field).stream()
                .flatMap(value -> parse(value).stream())
                .toList();
    }

    /// Asks for a tunnel without paying, and takes the challenges that come back.
    public static Challenges askFor(Relay relay) throws IOException {
        try (var _ = relay.openTcp(NOWHERE, HeaderFields.NONE)) {
            throw new IOException("the relay opens tunnels without a token");
        } catch (TunnelRefusedException e) {
            return in(e).orElseThrow(() ->
                    new IOException(
                            "the relay asks for no token that is known here: " + e.getMessage()));
        }
    }

    private static List<PrivateTokenChallenge> parse(String value) {
        try {
            return PrivateTokenChallenge.parseAll(value).stream()
                    .filter(challenge -> challenge.type().isPresent())
                    .toList();
        } catch (TokenFormatException e) {
            return List.of(); // RFC 9577, section 2.1: what is not understood is ignored
        }
    }
}
