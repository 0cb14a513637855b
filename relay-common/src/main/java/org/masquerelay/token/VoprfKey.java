package org.masquerelay.token;

import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.voprf.VoprfException;
import org.masquerelay.token.voprf.VoprfPublicKey;

/// The public key of an issuer of privately verifiable tokens: 49 bytes ([RFC 9578, section
/// 5.5](https://datatracker.ietf.org/doc/html/rfc9578#section-5.5)).
///
/// It checks what an issuer answers, but no tokens: see [VoprfVerifyingKey].
public final class VoprfKey implements IssuerKey {
    private final VoprfPublicKey key;
    private final ImmutableBytes encoded;
    private final ImmutableBytes tokenKeyId;

    public VoprfKey(VoprfPublicKey key) {
        this.key = key;
        this.encoded = ImmutableBytes.copyOf(key.toBytes());
        this.tokenKeyId = ImmutableBytes.sha256Of(key.toBytes());
    }

    public static VoprfKey parse(byte[] encoded) throws TokenFormatException {
        try {
            return new VoprfKey(VoprfPublicKey.parse(encoded));
        } catch (VoprfException e) {
            throw new TokenFormatException(Fault.ELEMENT);
        }
    }

    @Override
    public TokenType type() {
        return TokenType.VOPRF;
    }

    @Override
    public ImmutableBytes encoded() {
        return encoded;
    }

    @Override
    public ImmutableBytes tokenKeyId() {
        return tokenKeyId;
    }

    public VoprfPublicKey voprf() {
        return key;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VoprfKey that && encoded.equals(that.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }
}
