package org.masquerelay.it;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.masquerelay.signature.MessageSigner;
import org.masquerelay.signature.SignatureRequirements;
import org.masquerelay.tunnel.HeaderFields;

/// Requests that their clients have signed (RFC 9421), each good once.
final class SignatureCredentials implements Credentials {
    private static final Duration WINDOW = Duration.ofSeconds(60);
    private static final SignatureRequirements REQUIREMENTS =
            new SignatureRequirements("masque-relay", WINDOW, Duration.ofSeconds(5), List.of());

    private final KeyPair known = ClientKeys.generate("Ed25519");
    private final KeyPair stranger = ClientKeys.generate("Ed25519");

    @Override
    public String scheme() {
        return "signature";
    }

    @Override
    public List<String> settings(Path directory) throws Exception {
        return ClientKeys.settings(directory, "relay.auth.signature.keys[0]", "laptop", known);
    }

    @Override
    public String challenge() {
        return "Signature";
    }

    @Override
    public Answer answer(Case which) {
        return switch (which) {
            case ABSENT, MALFORMED, EXPIRED, REPLAYED -> Answer.CHALLENGED;
            case WRONG_KEY -> Answer.REFUSED;
            case REVOKED -> Answer.NO_SUCH_CASE;
            case RIGHT -> Answer.TUNNEL;
        };
    }

    @Override
    public HeaderFields fields(Case which, Attempt attempt) throws Exception {
        return switch (which) {
            case MALFORMED -> spoilt(signed(attempt, known, Instant.now()));
            case WRONG_KEY -> signed(attempt, stranger, Instant.now());
            case EXPIRED -> signed(attempt, known, Instant.now().minus(WINDOW.multipliedBy(2)));
            default -> signed(attempt, known, Instant.now());
        };
    }

    private static HeaderFields signed(Attempt attempt, KeyPair keys, Instant now)
            throws Exception {
        var signer =
                new MessageSigner(
                        "laptop",
                        keys.getPrivate(),
                        REQUIREMENTS,
                        WINDOW,
                        InstantSource.fixed(now),
                        new SecureRandom());
        var all = signer.sign(attempt.message()).lines();
        return new HeaderFields(all.subList(all.size() - 2, all.size()));
    }

    /// A signature that is no byte sequence any more.
    private static HeaderFields spoilt(HeaderFields fields) {
        var result = HeaderFields.NONE;
        for (var line : fields) {
            result = result.with(line.name(), line.value().replace("relay=:", "relay="));
        }
        return result;
    }
}
