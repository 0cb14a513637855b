package org.masquerelay.concealed;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Optional;
import org.masquerelay.key.JdkSignature;
import org.masquerelay.key.KeyKind;
import org.masquerelay.token.ImmutableBytes;

/// The signature schemes of TLS that are understood, by their code ([RFC 8446, section
/// 4.2.3](https://datatracker.ietf.org/doc/html/rfc8446#section-4.2.3)).
public enum SignatureScheme {
    ED25519(0x0807, JdkSignature.of("Ed25519")),
    ECDSA_SECP256R1_SHA256(0x0403, JdkSignature.of("SHA256withECDSA")),
    /// RFC 8446, section 4.2.3: the salt is as long as the hash.
    RSA_PSS_RSAE_SHA256(0x0804, JdkSignature.pss(MGF1ParameterSpec.SHA256, 32));

    private static final int COORDINATE_BYTES = 32;
    private static final int ED25519_KEY_BYTES = 32;

    private static final byte SEQUENCE = 0x30;
    private static final byte INTEGER = 0x02;

    private final int code;

    @SuppressWarnings("ImmutableEnumChecker") // Nothing of it changes, which its type does not say.
    private final JdkSignature signature;

    SignatureScheme(int code, JdkSignature signature) {
        this.code = code;
        this.signature = signature;
    }

    public int code() {
        return code;
    }

    /// The scheme of a key, of those whose kind and size fit one.
    public static Optional<SignatureScheme> of(Key key) {
        return KeyKind.of(key)
                .map(kind ->
                        switch (kind) {
                            case ED25519 -> ED25519;
                            case P256 -> ECDSA_SECP256R1_SHA256;
                            case RSA -> RSA_PSS_RSAE_SHA256;
                        });
    }

    /// A public key of this scheme as the parameter `a` has it ([RFC 9729, section
    /// 3.1](https://datatracker.ietf.org/doc/html/rfc9729#section-3.1)).
    public ImmutableBytes encode(PublicKey key) {
        return switch (key) {
            case ECPublicKey ec -> uncompressedPoint(ec);
            case RSAPublicKey rsa -> rsaPublicKey(rsa);
            default -> { // RFC 8410, section 4: the key is all that follows the algorithm.
                var encoded = key.getEncoded();
                yield ImmutableBytes.copyOfRange(
                        encoded, encoded.length - ED25519_KEY_BYTES, encoded.length);
            }
        };
    }

    // RFC 8446, section 4.2.8.2: UncompressedPointRepresentation.
    private static ImmutableBytes uncompressedPoint(ECPublicKey key) {
        var point = new byte[1 + 2 * COORDINATE_BYTES];
        point[0] = 4;
        put(key.getW().getAffineX(), point, 1 + COORDINATE_BYTES);
        put(key.getW().getAffineY(), point, point.length);
        return ImmutableBytes.copyOf(point);
    }

    /// Writes a coordinate so that it ends at `end`.
    private static void put(BigInteger coordinate, byte[] out, int end) {
        var bytes = coordinate.toByteArray();
        int length = Math.min(bytes.length, COORDINATE_BYTES); // The first may be a sign of zero.
        System.arraycopy(bytes, bytes.length - length, out, end - length, length);
    }

    // RFC 8017, appendix A.1.1: RSAPublicKey, in DER.
    private static ImmutableBytes rsaPublicKey(RSAPublicKey key) {
        var numbers = new ByteArrayOutputStream();
        numbers.writeBytes(der(INTEGER, key.getModulus().toByteArray()));
        numbers.writeBytes(der(INTEGER, key.getPublicExponent().toByteArray()));
        return ImmutableBytes.copyOf(der(SEQUENCE, numbers.toByteArray()));
    }

    private static byte[] der(byte tag, byte[] content) {
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            var length = BigInteger.valueOf(content.length).toByteArray();
            int from = length[0] == 0 ? 1 : 0;
            out.write(0x80 | (length.length - from));
            out.write(length, from, length.length - from);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    /// Whether `given` is a signature of `key` over `message`. Any thread; costs about a tenth of a
    /// millisecond.
    public boolean verify(PublicKey key, byte[] message, byte[] given) {
        return signature.verify(key, message, given);
    }

    public byte[] sign(PrivateKey key, byte[] message) {
        return signature.sign(key, message);
    }
}
