package org.masquerelay.token.issuance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenFormatException;

/// Answers token requests ([RFC 9578, section
/// 6.2](https://datatracker.ietf.org/doc/html/rfc9578#section-6.2)).
///
/// Who may ask is for the caller to decide. Immutable; any thread, but not an event loop: a
/// signature takes about a millisecond of processor time.
public final class TokenIssuer {
    private final Map<Integer, IssuerKeyPair> keys;

    public TokenIssuer(List<IssuerKeyPair> keys) {
        var byTruncatedId = new HashMap<Integer, IssuerKeyPair>();
        for (var key : keys) {
            int id = key.publicKey().truncatedTokenKeyId();
            // RFC 9578, section 6.5: the truncated ids of keys in rotation should not collide.
            if (byTruncatedId.putIfAbsent(id, key) != null) {
                throw new IllegalArgumentException(
                        "two issuer keys share the truncated key id "
                                + id
                                + ": replace one of them");
            }
        }
        this.keys = Map.copyOf(byTruncatedId);
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
        var key = keys.get(asked.truncatedTokenKeyId());
        return key == null
                ? new Issuance.Refused(Reason.UNKNOWN_KEY)
                : sign(key, asked.blindedMessage());
    }

    private static Issuance sign(IssuerKeyPair key, ImmutableBytes blindedMessage) {
        try {
            byte[] signature = BlindRsa.blindSign(key.privateKey(), blindedMessage.toArray());
            return new Issuance.Issued(new TokenResponse(ImmutableBytes.copyOf(signature)));
        } catch (TokenFormatException e) {
            return new Issuance.Refused(Reason.MESSAGE_OUT_OF_RANGE);
        }
    }

    /// What an issuer answers to a request.
    public sealed interface Issuance {
        record Issued(TokenResponse response) implements Issuance {}

        record Refused(Reason reason) implements Issuance {}
    }

    /// Why a request gets no token; each is a 422 by RFC 9578, section 6.2.
    public enum Reason {
        WRONG_TOKEN_TYPE,
        UNKNOWN_KEY,
        WRONG_LENGTH,
        MESSAGE_OUT_OF_RANGE;

        public int status() {
            return 422;
        }
    }
}
