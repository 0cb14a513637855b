package org.masquerelay.signature;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.masquerelay.key.KeyKind;

/// The algorithms understood ([RFC 9421, section
/// 3.3](https://datatracker.ietf.org/doc/html/rfc9421#section-3.3)), all with public keys: a shared
/// secret would let the relay sign for its clients.
public enum SignatureAlgorithm {
    ED25519("ed25519"),
    /// The signature is the two numbers side by side, 64 bytes.
    ECDSA_P256_SHA256("ecdsa-p256-sha256"),
    /// With a salt of 64 bytes.
    RSA_PSS_SHA512("rsa-pss-sha512");

    private static final int CURVE_SIGNATURE_BYTES = 64;

    private static final PSSParameterSpec PSS =
            new PSSParameterSpec(
                    "SHA-512",
                    "MGF1",
                    MGF1ParameterSpec.SHA512,
                    64,
                    PSSParameterSpec.TRAILER_FIELD_BC);

    private final String token;

    SignatureAlgorithm(String token) {
        this.token = token;
    }

    /// The name in the registry, the value of `alg`.
    public String token() {
        return token;
    }

    public static Optional<SignatureAlgorithm> of(String token) {
        return Arrays.stream(values()).filter(each -> each.token.equals(token)).findFirst();
    }

    /// The algorithm of a key, of those whose kind and size fit one.
    public static Optional<SignatureAlgorithm> of(Key key) {
        return KeyKind.of(key)
                .map(kind ->
                        switch (kind) {
                            case ED25519 -> ED25519;
                            case P256 -> ECDSA_P256_SHA256;
                            case RSA -> RSA_PSS_SHA512;
                        });
    }

    /// Whether `signature` is one of `key` over `message`. Any thread; costs about a tenth of a
    /// millisecond.
    public boolean verify(PublicKey key, byte[] message, byte[] signature) {
        if (this != RSA_PSS_SHA512 && signature.length != CURVE_SIGNATURE_BYTES) {
            return false;
        }
        try {
            var engine = engine();
            engine.initVerify(key);
            engine.update(message);
            return engine.verify(signature);
        } catch (SignatureException _) {
            // The JDK's way to say that the length is wrong or a number too large.
            return false;
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("key: of another kind (expected: " + token + ")", e);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    public byte[] sign(PrivateKey key, byte[] message) {
        try {
            var engine = engine();
            engine.initSign(key);
            engine.update(message);
            return engine.sign();
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("key: of another kind (expected: " + token + ")", e);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    private Signature engine() throws GeneralSecurityException {
        return switch (this) {
            case ED25519 -> Signature.getInstance("Ed25519");
            case ECDSA_P256_SHA256 -> Signature.getInstance("SHA256withECDSAinP1363Format");
            case RSA_PSS_SHA512 -> {
                var engine = Signature.getInstance("RSASSA-PSS");
                engine.setParameter(PSS);
                yield engine;
            }
        };
    }

    private IllegalStateException missing(GeneralSecurityException cause) {
        return new IllegalStateException(token + " does not work here", cause);
    }
}
