package org.masquerelay.cli.token;

import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.token.issuance.PendingToken;
import org.masquerelay.token.issuance.TokenRequest;
import org.masquerelay.token.issuance.TokenResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// Gets tokens from the issuer on the relay's own origin, or from another one, blindly: the issuer
/// sees no token, so it cannot tell later who spent it.
///
/// Safe for use by several threads.
public final class TokenFetcher implements TokenSource {
    /// Whoever knows only an issuer's public key can tell a genuine token of the first type, so
    /// more origins take it.
    public static final List<TokenType> PREFERENCE = List.of(TokenType.BLIND_RSA, TokenType.VOPRF);

    private static final byte[] NOTHING = {};

    private final Relay issuer;
    private final HostPort origin;
    private final URI directoryUri;
    private final Clock clock;
    private final List<TokenType> types;
    private final SecureRandom random = new SecureRandom();

    /// @param origin where `relay` is reached, for the URIs of its directory
    public TokenFetcher(Relay relay, HostPort origin, Clock clock) {
        this(relay, origin, clock, PREFERENCE);
    }

    /// @param types the types to ask for, the preferred one first
    public TokenFetcher(Relay relay, HostPort origin, Clock clock, List<TokenType> types) {
        this(relay, origin, origin, clock, types);
    }

    /// @param issuer an issuer elsewhere, which is asked for tokens and for nothing else
    /// @param issuerAt where `issuer` is reached, for the URIs of its directory
    /// @param origin where the relay is reached that the tokens are for
    public TokenFetcher(
            Relay issuer, HostPort issuerAt, HostPort origin, Clock clock, List<TokenType> types) {
        this.issuer = issuer;
        this.origin = origin;
        this.directoryUri = URI.create("https://" + issuerAt + IssuerDirectory.PATH);
        this.clock = clock;
        this.types = List.copyOf(types);
    }

    /// One token for one of the challenges: of the preferred type, the first whose key the issuer
    /// has.
    ///
    /// @throws IOException when the issuer refuses, or answers something else than a token
    @Override
    public Token fetch(Challenges challenges) throws IOException {
        try {
            IssuerDirectory directory = directory();
            for (var type : types) {
                for (var offered : challenges.offered()) {
                    var pending = answer(offered, type, directory);
                    if (pending.isPresent()) {
                        byte[] request = pending.get().request();
                        return pending.get().finish(request(pathOf(directory), request));
                    }
                }
            }
            throw new IOException(
                    "the relay's challenges name no key that its issuer has, or other origins");
        } catch (TokenFormatException e) {
            throw new IOException("no token: " + e.getMessage(), e);
        }
    }

    /// Empty for a challenge that is stepped over.
    private Optional<PendingToken> answer(
            PrivateTokenChallenge offered, TokenType type, IssuerDirectory directory) {
        if (!offered.type().equals(Optional.of(type))) {
            return Optional.empty();
        }
        try {
            var challenge = offered.tokenChallenge();
            if (!challenge.allows(origin.host()) && !challenge.allows(origin.toString())) {
                return Optional.empty();
            }
            return keyFor(offered, type, directory)
                    .map(key -> PendingToken.start(challenge, key, random));
        } catch (TokenFormatException e) {
            return Optional.empty(); // RFC 9577, section 2.1.1: such a challenge is ignored.
        }
    }

    private IssuerDirectory directory() throws IOException, TokenFormatException {
        var accept = HeaderFields.of("accept", IssuerDirectory.MEDIA_TYPE);
        PlainResponse response = issuer.request("GET", directoryUri.getPath(), accept, NOTHING);
        if (response.status() != 200) {
            throw new IOException(
                    "there is no token issuer at "
                            + directoryUri.getRawAuthority()
                            + ": its directory was answered "
                            + response.status());
        }
        return IssuerDirectory.parse(bodyOf(response));
    }

    /// The key of the challenge, if the directory has it too: a key that only this client is shown
    /// would mark its tokens (RFC 9578, section 9).
    private Optional<IssuerKey> keyFor(
            PrivateTokenChallenge challenge, TokenType type, IssuerDirectory directory)
            throws TokenFormatException {
        var named = challenge.issuerKey();
        return named.isEmpty()
                ? directory.preferredKey(type, clock.instant())
                : named.filter(directory.keys()::contains);
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
        PlainResponse response = issuer.request("POST", path, fields, blinded);
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
