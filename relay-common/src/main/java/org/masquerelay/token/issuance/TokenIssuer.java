package org.masquerelay.token.issuance;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;

/// Answers token requests of all types it has keys for (RFC 9578, [sections
/// 5.2](https://datatracker.ietf.org/doc/html/rfc9578#section-5.2) and 6.2).
///
/// Who may ask is for the caller to decide. Immutable; any thread, but not an event loop: an answer
/// takes about a millisecond of processor time.
public final class TokenIssuer {
    private final Map<KeyName, IssuerKeyPair> keys;
    private final SecureRandom random;

    public TokenIssuer(List<? extends IssuerKeyPair> keys) {
        this(keys, new SecureRandom());
    }

    /// `random` gives the scalars of proofs.
    public TokenIssuer(List<? extends IssuerKeyPair> keys, SecureRandom random) {
        var byName = new HashMap<KeyName, IssuerKeyPair>();
        for (var key : keys) {
            // RFC 9578, section 6.5: the truncated ids of keys in rotation should not collide.
            if (byName.putIfAbsent(KeyName.of(key), key) != null) {
                throw new IllegalArgumentException(
                        "two issuer keys share the truncated key id "
                                + key.publicKey().truncatedTokenKeyId()
                                + ": replace one of them");
            }
        }
        this.keys = Map.copyOf(byName);
        this.random = random;
    }

    public Issuance issue(byte[] request) {
        TokenRequest asked;
        try {
            asked = TokenRequest.parse(request);
        } catch (TokenFormatException e) {
            return new Issuance.Refused(
                    switch (e.fault()) {
                        case WRONG_TOKEN_TYPE -> Reason.WRONG_TOKEN_TYPE;
                        default -> Reason.WRONG_LENGTH;
                    });
        }
        var key = keys.get(new KeyName(asked.type(), asked.truncatedTokenKeyId()));
        return key == null ? new Issuance.Refused(reasonWithout(asked.type())) : sign(key, asked);
    }

    private Reason reasonWithout(TokenType type) {
        boolean issued = keys.keySet().stream().anyMatch(name -> name.type == type);
        return issued ? Reason.UNKNOWN_KEY : Reason.WRONG_TOKEN_TYPE;
    }

    private Issuance sign(IssuerKeyPair key, TokenRequest asked) {
        try {
            return new Issuance.Issued(key.blindSign(asked.blindedMessage(), random));
        } catch (TokenFormatException e) {
            return new Issuance.Refused(Reason.MESSAGE_OUT_OF_RANGE);
        }
    }

    /// What a request names a key by.
    private record KeyName(TokenType type, int truncatedTokenKeyId) {
        static KeyName of(IssuerKeyPair key) {
            return new KeyName(key.type(), key.publicKey().truncatedTokenKeyId());
        }
    }

    /// What an issuer answers to a request.
    public sealed interface Issuance {
        record Issued(TokenResponse response) implements Issuance {}

        record Refused(Reason reason) implements Issuance {}
    }

    /// Why a request gets no token; each is a 422 by RFC 9578, sections 5.2 and 6.2.
    public enum Reason {
        WRONG_TOKEN_TYPE,
        UNKNOWN_KEY,
        WRONG_LENGTH,
        /// Not below the modulus, or not an element of the group.
        MESSAGE_OUT_OF_RANGE;

        public int status() {
            return 422;
        }
    }
}
