package org.masquerelay.token;

import java.security.MessageDigest;
import org.masquerelay.token.voprf.VoprfException;
import org.masquerelay.token.voprf.VoprfSecretKey;

/// The private key of an issuer at an origin that redeems its tokens: makes the authenticator again
/// and compares ([RFC 9578, section
/// 5.4](https://datatracker.ietf.org/doc/html/rfc9578#section-5.4)).
public final class VoprfVerifyingKey implements VerifyingKey {
    private final VoprfSecretKey secretKey;
    private final VoprfKey publicKey;

    public VoprfVerifyingKey(VoprfSecretKey secretKey) {
        this.secretKey = secretKey;
        this.publicKey = new VoprfKey(secretKey.publicKey());
    }

    @Override
    public VoprfKey publicKey() {
        return publicKey;
    }

    @Override
    public boolean verify(Token token) {
        if (token.type() != TokenType.VOPRF || !publicKey.tokenKeyId().equals(token.tokenKeyId())) {
            return false;
        }
        try {
            byte[] right = secretKey.evaluate(token.authenticatorInput());
            // In constant time: how much of a forged authenticator is right stays unknown.
            return MessageDigest.isEqual(right, token.authenticator().toArray());
        } catch (VoprfException e) {
            return false;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VoprfVerifyingKey that && publicKey.equals(that.publicKey);
    }

    @Override
    public int hashCode() {
        return publicKey.hashCode();
    }
}
