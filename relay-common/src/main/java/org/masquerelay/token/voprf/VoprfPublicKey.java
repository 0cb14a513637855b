package org.masquerelay.token.voprf;

import java.util.Arrays;
import org.bouncycastle.math.ec.ECPoint;

/// What a client checks the holder of a [VoprfSecretKey] by: a compressed point of 49 bytes.
public final class VoprfPublicKey {
    public static final int LENGTH = P384.ELEMENT_LENGTH;

    private final ECPoint element;
    private final byte[] encoded;

    VoprfPublicKey(ECPoint element) {
        this.element = element;
        this.encoded = P384.write(element);
    }

    public static VoprfPublicKey parse(byte[] wire) throws VoprfException {
        return new VoprfPublicKey(P384.readElement(wire));
    }

    public byte[] toBytes() {
        return encoded.clone();
    }

    ECPoint element() {
        return element;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VoprfPublicKey that && Arrays.equals(encoded, that.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }
}
