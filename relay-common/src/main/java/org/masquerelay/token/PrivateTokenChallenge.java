package org.masquerelay.token;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.masquerelay.token.TokenFormatException.Fault;

/// One PrivateToken challenge of a WWW-Authenticate field ([RFC 9577, section
/// 2.1.2](https://datatracker.ietf.org/doc/html/rfc9577#section-2.1.2)).
///
/// `challenge` and `tokenKey` are opaque here, because a client must step over challenges of types
/// it does not know, greased ones among them. `tokenKey` is empty and `maxAge` is null when the
/// origin leaves them out.
public record PrivateTokenChallenge(
        ImmutableBytes challenge, ImmutableBytes tokenKey, @Nullable Duration maxAge) {
    public static final String SCHEME = "PrivateToken";

    private static final int MAX_AGE_DIGITS = 9;

    public static PrivateTokenChallenge of(
            TokenChallenge challenge, IssuerKey issuerKey, Duration maxAge) {
        return new PrivateTokenChallenge(
                ImmutableBytes.copyOf(challenge.serialise()), issuerKey.encoded(), maxAge);
    }

    /// All PrivateToken challenges of one field value, in the order of the origin's preference.
    ///
    /// Other schemes, unknown parameters and PrivateToken challenges with a broken value are left
    /// out.
    public static List<PrivateTokenChallenge> parseAll(String fieldValue)
            throws TokenFormatException {
        var found = new ArrayList<PrivateTokenChallenge>();
        for (var scheme : AuthFieldReader.readAll(fieldValue)) {
            var challenge = scheme.isPrivateToken() ? readOrNull(scheme.parameters()) : null;
            if (challenge != null) {
                found.add(challenge);
            }
        }
        return List.copyOf(found);
    }

    /// The type of the token that is asked for; empty if it is none that is known here, and then
    /// the next two methods make no sense.
    public Optional<TokenType> type() {
        return challenge.length() < Short.BYTES
                ? Optional.empty()
                : TokenType.of(challenge.at(0) << 8 | challenge.at(1));
    }

    public TokenChallenge tokenChallenge() throws TokenFormatException {
        return TokenChallenge.parse(challenge.toArray());
    }

    /// The key to ask the issuer for a token of; empty if the challenge leaves it to the issuer's
    /// directory.
    public Optional<IssuerKey> issuerKey() throws TokenFormatException {
        var type = type();
        return tokenKey.length() == 0 || type.isEmpty()
                ? Optional.empty()
                : Optional.of(IssuerKey.parse(type.get(), tokenKey.toArray()));
    }

    public String format(ParameterStyle style) {
        var text = new StringBuilder(SCHEME);
        text.append(" challenge=").append(style.write(Base64Url.encode(challenge.toArray())));
        if (tokenKey.length() > 0) {
            text.append(", token-key=").append(style.write(Base64Url.encode(tokenKey.toArray())));
        }
        if (maxAge != null) {
            text.append(", max-age=").append(maxAge.toSeconds());
        }
        return text.toString();
    }

    private static @Nullable PrivateTokenChallenge readOrNull(Map<String, String> parameters) {
        try {
            return new PrivateTokenChallenge(
                    ImmutableBytes.copyOf(
                            Base64Url.decode(parameters.getOrDefault("challenge", ""))),
                    ImmutableBytes.copyOf(
                            Base64Url.decode(parameters.getOrDefault("token-key", ""))),
                    seconds(parameters.get("max-age")));
        } catch (TokenFormatException e) {
            // One origin's greased or broken challenge must not hide the others.
            return null;
        }
    }

    private static @Nullable Duration seconds(@Nullable String text) throws TokenFormatException {
        if (text == null) {
            return null;
        }
        boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (text.isEmpty() || text.length() > MAX_AGE_DIGITS || !digits) {
            throw new TokenFormatException(Fault.MAX_AGE);
        }
        return Duration.ofSeconds(Integer.parseInt(text));
    }

    /// How base64 values are written.
    public enum ParameterStyle {
        /// What RFC 9110 demands of a value that contains `=`.
        QUOTED,
        /// What some clients need that were made before RFC 9577.
        BARE;

        String write(String value) {
            return switch (this) {
                case QUOTED -> '"' + value + '"';
                case BARE -> value;
            };
        }
    }
}
