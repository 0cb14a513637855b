package org.masquerelay.token.issuance;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;

/// A token between the client's request and the issuer's response.
///
/// Immutable; finishing it twice gives the same token.
public final class PendingToken {
    private final IssuerKey issuerKey;
    private final ImmutableBytes nonce;
    private final ImmutableBytes challengeDigest;
    private final TokenRequest request;
    private final BigInteger inverse;

    private PendingToken(
            IssuerKey issuerKey,
            ImmutableBytes nonce,
            ImmutableBytes challengeDigest,
            BlindRsa.Blinded blinded) {
        this.issuerKey = issuerKey;
        this.nonce = nonce;
        this.challengeDigest = challengeDigest;
        this.request =
                new TokenRequest(
                        issuerKey.truncatedTokenKeyId(), ImmutableBytes.copyOf(blinded.message()));
        this.inverse = blinded.inverse();
    }

    /// Draws nonce, salt and blinding factor, in this order.
    public static PendingToken start(
            TokenChallenge challenge, IssuerKey issuerKey, SecureRandom random) {
        byte[] nonceBytes = new byte[Token.NONCE_LENGTH];
        random.nextBytes(nonceBytes);
        var nonce = ImmutableBytes.copyOf(nonceBytes);
        var digest = challenge.digest();
        byte[] input = Token.authenticatorInput(nonce, digest, issuerKey.tokenKeyId());
        return new PendingToken(
                issuerKey, nonce, digest, BlindRsa.blind(issuerKey.rsa(), input, random));
    }

    /// What to send to the issuer, as [TokenRequest#MEDIA_TYPE].
    public byte[] request() {
        return request.serialise();
    }

    /// Makes the token, if the response is the signature that was asked for.
    public Token finish(byte[] response) throws TokenFormatException {
        byte[] input = Token.authenticatorInput(nonce, challengeDigest, issuerKey.tokenKeyId());
        byte[] blindSignature = TokenResponse.parse(response).serialise();
        byte[] authenticator = BlindRsa.unblind(issuerKey.rsa(), input, blindSignature, inverse);
        return new Token(
                nonce,
                challengeDigest,
                issuerKey.tokenKeyId(),
                ImmutableBytes.copyOf(authenticator));
    }
}
