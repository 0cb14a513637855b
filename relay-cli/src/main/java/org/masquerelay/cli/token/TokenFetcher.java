package org.masquerelay.cli.token;

import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.token.issuance.PendingToken;
import org.masquerelay.token.issuance.TokenRequest;
import org.masquerelay.token.issuance.TokenResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// Gets tokens from the issuer on the relay's own origin, blindly: the issuer sees no token, so it
/// cannot tell later who spent it.
///
/// Safe for use by several threads.
public final class TokenFetcher implements TokenSource {
    private static final byte[] NOTHING = {};

    private final Relay relay;
    private final URI directoryUri;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /// @param origin where `relay` is reached, for the URIs of its directory
    public TokenFetcher(Relay relay, HostPort origin, Clock clock) {
        this.relay = relay;
        this.directoryUri = URI.create("https://" + origin + IssuerDirectory.PATH);
        this.clock = clock;
    }

    /// One token for one of the challenges, the first whose key the issuer has.
    ///
    /// @throws IOException when the issuer refuses, or answers something else than a token
    @Override
    public Token fetch(Challenges challenges) throws IOException {
        try {
            IssuerDirectory directory = directory();
            for (var challenge : challenges.offered()) {
                var key = keyFor(challenge, directory);
                if (key.isPresent()) {
                    var pending = PendingToken.start(challenge.tokenChallenge(), key.get(), random);
                    return pending.finish(request(pathOf(directory), pending.request()));
                }
            }
            throw new IOException("the relay's challenge names a key its issuer does not have");
        } catch (TokenFormatException e) {
            throw new IOException("no token: " + e.getMessage(), e);
        }
    }

    private IssuerDirectory directory() throws IOException, TokenFormatException {
        var accept = HeaderFields.of("accept", IssuerDirectory.MEDIA_TYPE);
        PlainResponse response = relay.request("GET", directoryUri.getPath(), accept, NOTHING);
        if (response.status() != 200) {
            throw new IOException(
                    "the relay has no token issuer of its own: its directory was answered "
                            + response.status());
        }
        return IssuerDirectory.parse(bodyOf(response));
    }

    /// The key of the challenge, if the directory has it too: a key that only this client is shown
    /// would mark its tokens (RFC 9578, section 9).
    private Optional<IssuerKey> keyFor(PrivateTokenChallenge challenge, IssuerDirectory directory)
            throws IOException, TokenFormatException {
        if (challenge.tokenKey().length() == 0) {
            return Optional.of(
                    directory
                            .preferredKey(clock.instant())
                            .orElseThrow(() ->
                                    new IOException("the issuer's directory has no usable key")));
        }
        return Optional.of(challenge.issuerKey()).filter(directory.keys()::contains);
    }

    private String pathOf(IssuerDirectory directory) throws IOException {
        URI uri = directory.requestUri(directoryUri);
        if (!directoryUri.getRawAuthority().equalsIgnoreCase(uri.getRawAuthority())) {
            throw new IOException("the relay's token issuer is elsewhere, at " + uri);
        }
        return uri.getRawQuery() == null
                ? uri.getRawPath()
                : uri.getRawPath() + "?" + uri.getRawQuery();
    }

    private byte[] request(String path, byte[] blinded) throws IOException {
        var fields =
                HeaderFields.of("content-type", TokenRequest.MEDIA_TYPE)
                        .with("accept", TokenResponse.MEDIA_TYPE);
        PlainResponse response = relay.request("POST", path, fields, blinded);
        if (response.status() != 200) {
            throw new IOException("the issuer answered " + response.status());
        }
        return bodyOf(response);
    }

    private static byte[] bodyOf(PlainResponse response) {
        var body = response.body().duplicate();
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return bytes;
    }
}
