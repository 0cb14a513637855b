package org.masquerelay.token.issuance;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.VoprfKey;
import org.masquerelay.token.VoprfVerifyingKey;
import org.masquerelay.token.voprf.VoprfException;
import org.masquerelay.token.voprf.VoprfSecretKey;

/// The key of an issuer of privately verifiable tokens (RFC 9578, section 5.5).
public final class VoprfKeyPair implements IssuerKeyPair {
    private static final byte[] INFO = "PrivacyPass".getBytes(StandardCharsets.US_ASCII);
    private static final ECParameterSpec P384 = p384();

    private final VoprfSecretKey secretKey;
    private final VoprfVerifyingKey verifyingKey;

    private VoprfKeyPair(VoprfSecretKey secretKey) {
        this.secretKey = secretKey;
        this.verifyingKey = new VoprfVerifyingKey(secretKey);
    }

    public static VoprfKeyPair generate(SecureRandom random) {
        return new VoprfKeyPair(VoprfSecretKey.generate(random));
    }

    /// The same key for the same seed.
    public static VoprfKeyPair derive(byte[] seed) {
        return new VoprfKeyPair(VoprfSecretKey.derive(seed, INFO));
    }

    /// Reads a bare scalar of 48 bytes, as RFC 9578 writes keys.
    public static VoprfKeyPair parse(byte[] scalar) throws TokenFormatException {
        try {
            return new VoprfKeyPair(VoprfSecretKey.parse(scalar));
        } catch (VoprfException e) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
    }

    /// Empty if the key is not one of an elliptic curve.
    static Optional<VoprfKeyPair> parsePkcs8(byte[] der) throws TokenFormatException {
        try {
            var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            if (!(key instanceof ECPrivateKey ec)
                    || !ec.getParams().getCurve().equals(P384.getCurve())) {
                throw new TokenFormatException(Fault.PRIVATE_KEY);
            }
            return Optional.of(parse(toBytes(ec.getS())));
        } catch (InvalidKeySpecException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    @Override
    public byte[] toPkcs8() {
        try {
            var scalar = new BigInteger(1, secretKey.toBytes());
            return KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(scalar, P384))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    @Override
    public VoprfKey publicKey() {
        return verifyingKey.publicKey();
    }

    @Override
    public VoprfVerifyingKey verifyingKey() {
        return verifyingKey;
    }

    @Override
    public TokenResponse blindSign(ImmutableBytes blindedMessage, SecureRandom random)
            throws TokenFormatException {
        try {
            var answer = secretKey.blindEvaluate(List.of(blindedMessage.toArray()), random);
            var content = new ByteArrayOutputStream();
            content.writeBytes(answer.elements().getFirst());
            content.writeBytes(answer.proof());
            return TokenResponse.parse(TokenType.VOPRF, content.toByteArray());
        } catch (VoprfException e) {
            throw new TokenFormatException(Fault.ELEMENT);
        }
    }

    private static byte[] toBytes(BigInteger scalar) throws TokenFormatException {
        if (scalar.signum() < 0 || scalar.bitLength() > Byte.SIZE * VoprfSecretKey.LENGTH) {
            throw new TokenFormatException(Fault.PRIVATE_KEY);
        }
        byte[] bytes = new byte[VoprfSecretKey.LENGTH];
        byte[] number = scalar.toByteArray();
        int length = Math.min(number.length, bytes.length);
        System.arraycopy(number, number.length - length, bytes, bytes.length - length, length);
        return bytes;
    }

    private static ECParameterSpec p384() {
        try {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp384r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw unusable(e);
        }
    }

    private static IllegalStateException unusable(GeneralSecurityException cause) {
        return new IllegalStateException("keys on P-384 do not work here", cause);
    }
}
