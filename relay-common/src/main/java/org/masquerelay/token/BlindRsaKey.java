package org.masquerelay.token;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.masquerelay.token.TokenFormatException.Fault;

/// The public key of an issuer of publicly verifiable tokens ([RFC 9578, section
/// 6.5](https://datatracker.ietf.org/doc/html/rfc9578#section-6.5)).
///
/// The bytes it came in are kept, since its identity is their hash.
public final class BlindRsaKey implements IssuerKey, VerifyingKey {
    public static final int MODULUS_BITS = 2048;
    public static final BigInteger PUBLIC_EXPONENT = BigInteger.valueOf(65537);

    /// SubjectPublicKeyInfo of a 2048-bit modulus with its top bit set, up to that modulus: the
    /// algorithm id-RSASSA-PSS with SHA-384, MGF1 with SHA-384 and salt length 48, without NULLs.
    /// One other byte is another key id.
    private static final String SPKI_BEFORE_MODULUS =
            "30820152303d06092a864886f70d01010a3030a00d300b0609608648016503040202a11a301806092a864886f7"
                    + "0d010108300b0609608648016503040202a2030201300382010f003082010a0282010100";

    /// The exponent 65537, which ends the structure.
    private static final String SPKI_AFTER_MODULUS = "0203010001";

    private static final int MAX_SPKI_LENGTH = 1024;
    private static final int MAX_EXPONENT_BITS = 64;

    private final RSAPublicKey key;
    private final ImmutableBytes spki;
    private final ImmutableBytes tokenKeyId;

    private BlindRsaKey(RSAPublicKey key, byte[] spki) {
        this.key = key;
        this.spki = ImmutableBytes.copyOf(spki);
        this.tokenKeyId = ImmutableBytes.sha256Of(spki);
    }

    /// Reads a DER SubjectPublicKeyInfo; the object identifier rsaEncryption is refused.
    public static BlindRsaKey parse(byte[] spki) throws TokenFormatException {
        if (spki.length > MAX_SPKI_LENGTH) {
            throw new TokenFormatException(Fault.ISSUER_KEY);
        }
        var key = decode(spki);
        // RFC 9578, section 6.5: the parameters are explicit; absent ones would mean SHA-1 and
        // differ here.
        if (key.getParams() == null || !RsaPss.matches(key.getParams())) {
            throw new TokenFormatException(Fault.ISSUER_KEY);
        }
        var exponent = key.getPublicExponent();
        if (key.getModulus().bitLength() != MODULUS_BITS
                || exponent.compareTo(PUBLIC_EXPONENT) < 0
                || exponent.bitLength() > MAX_EXPONENT_BITS
                || !exponent.testBit(0)) {
            throw new TokenFormatException(Fault.KEY_SIZE);
        }
        return new BlindRsaKey(key, spki);
    }

    /// The key with this modulus and the exponent 65537.
    public static BlindRsaKey ofModulus(BigInteger modulus) throws TokenFormatException {
        if (modulus.signum() <= 0 || modulus.bitLength() != MODULUS_BITS) {
            throw new TokenFormatException(Fault.KEY_SIZE);
        }
        String hex = SPKI_BEFORE_MODULUS + modulus.toString(16) + SPKI_AFTER_MODULUS;
        return parse(HexFormat.of().parseHex(hex));
    }

    @Override
    public boolean verify(Token token) {
        return token.type() == TokenType.BLIND_RSA
                && tokenKeyId.equals(token.tokenKeyId())
                && RsaPss.verify(key, token.authenticatorInput(), token.authenticator().toArray());
    }

    @Override
    public BlindRsaKey publicKey() {
        return this;
    }

    @Override
    public TokenType type() {
        return TokenType.BLIND_RSA;
    }

    @Override
    public ImmutableBytes encoded() {
        return spki;
    }

    @Override
    public ImmutableBytes tokenKeyId() {
        return tokenKeyId;
    }

    public RSAPublicKey rsa() {
        return key;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlindRsaKey that && spki.equals(that.spki);
    }

    @Override
    public int hashCode() {
        return spki.hashCode();
    }

    private static RSAPublicKey decode(byte[] spki) throws TokenFormatException {
        try {
            var decoded =
                    KeyFactory.getInstance("RSASSA-PSS")
                            .generatePublic(new X509EncodedKeySpec(spki));
            return (RSAPublicKey) decoded;
        } catch (InvalidKeySpecException e) {
            throw new TokenFormatException(Fault.ISSUER_KEY);
        } catch (GeneralSecurityException e) {
            throw RsaPss.unusable(e);
        }
    }
}
