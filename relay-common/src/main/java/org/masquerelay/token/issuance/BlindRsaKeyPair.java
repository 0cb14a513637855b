package org.masquerelay.token.issuance;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;

/// The key of an issuer of publicly verifiable tokens: 2048 bits, public exponent 65537.
public final class BlindRsaKeyPair implements IssuerKeyPair {
    private final RSAPrivateCrtKey privateKey;
    private final BlindRsaKey publicKey;

    private BlindRsaKeyPair(RSAPrivateCrtKey privateKey, BlindRsaKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /// Takes some hundred milliseconds.
    public static BlindRsaKeyPair generate(SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BlindRsaKey.MODULUS_BITS, random);
            return checked((RSAPrivateCrtKey) generator.generateKeyPair().getPrivate());
        } catch (NoSuchAlgorithmException | TokenFormatException e) {
            throw new IllegalStateException("RSA keys cannot be generated here", e);
        }
    }

    /// Reads an unencrypted PKCS#8 key, under the object identifier rsaEncryption or id-RSASSA-PSS,
    /// and tries it.
    public static BlindRsaKeyPair parsePkcs8(byte[] der) throws TokenFormatException {
        var spec = new PKCS8EncodedKeySpec(der);
        try {
            return checked(crtKey(spec, "RSA"));
        } catch (InvalidKeySpecException _) {
            return parsePss(spec);
        }
    }

    /// PKCS#8 under rsaEncryption.
    @Override
    public byte[] toPkcs8() {
        return privateKey.getEncoded();
    }

    @Override
    public BlindRsaKey publicKey() {
        return publicKey;
    }

    @Override
    public BlindRsaKey verifyingKey() {
        return publicKey;
    }

    @Override
    public TokenResponse blindSign(ImmutableBytes blindedMessage, SecureRandom random)
            throws TokenFormatException {
        byte[] signature = BlindRsa.blindSign(privateKey, blindedMessage.toArray());
        return TokenResponse.parse(TokenType.BLIND_RSA, signature);
    }

    RSAPrivateCrtKey privateKey() {
        return privateKey;
    }

    private static BlindRsaKeyPair parsePss(PKCS8EncodedKeySpec spec) throws TokenFormatException {
        try {
            var pss = crtKey(spec, "RSASSA-PSS");
            var plain =
                    new RSAPrivateCrtKeySpec(
                            pss.getModulus(),
                            pss.getPublicExponent(),
                            pss.getPrivateExponent(),
                            pss.getPrimeP(),
                            pss.getPrimeQ(),
                            pss.getPrimeExponentP(),
                            pss.getPrimeExponentQ(),
                            pss.getCrtCoefficient());
            return checked((RSAPrivateCrtKey) KeyFactory.getInstance("RSA").generatePrivate(plain));
        } catch (GeneralSecurityException e) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
    }

    private static RSAPrivateCrtKey crtKey(PKCS8EncodedKeySpec spec, String algorithm)
            throws InvalidKeySpecException, TokenFormatException {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(spec)
                            instanceof RSAPrivateCrtKey key
                    ? key
                    : refuse();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(algorithm + " is missing from this JDK", e);
        }
    }

    private static RSAPrivateCrtKey refuse() throws TokenFormatException {
        throw new TokenFormatException(Fault.PRIVATE_KEY);
    }

    /// A key whose parts do not belong together signs nothing, or worse, leaks a factor with each
    /// signature.
    private static BlindRsaKeyPair checked(RSAPrivateCrtKey key) throws TokenFormatException {
        var publicKey = BlindRsaKey.ofModulus(key.getModulus());
        if (!key.getPublicExponent().equals(BlindRsaKey.PUBLIC_EXPONENT)
                || !key.getPrimeP().multiply(key.getPrimeQ()).equals(key.getModulus())) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
        byte[] sample = new byte[BlindRsaKey.MODULUS_BITS / Byte.SIZE];
        sample[sample.length - 1] = BigInteger.TWO.byteValue();
        try {
            BlindRsa.blindSign(key, sample);
        } catch (IllegalStateException e) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
        return new BlindRsaKeyPair(key, publicKey);
    }
}
