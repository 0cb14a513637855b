package org.masquerelay.signature;

import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.masquerelay.key.JdkSignature;
import org.masquerelay.key.KeyKind;

/// The algorithms understood ([RFC 9421, section
/// 3.3](https://datatracker.ietf.org/doc/html/rfc9421#section-3.3)), all with public keys: a shared
/// secret would let the relay sign for its clients.
public enum SignatureAlgorithm {
    ED25519("ed25519", JdkSignature.of("Ed25519")),
    /// The signature is the two numbers side by side, 64 bytes.
    ECDSA_P256_SHA256("ecdsa-p256-sha256", JdkSignature.of("SHA256withECDSAinP1363Format")),
    /// With a salt of 64 bytes.
    RSA_PSS_SHA512("rsa-pss-sha512", JdkSignature.pss(MGF1ParameterSpec.SHA512, 64));

    private static final int CURVE_SIGNATURE_BYTES = 64;

    private final String token;

    @SuppressWarnings("ImmutableEnumChecker") // Nothing of it changes, which its type does not say.
    private final JdkSignature signature;

    SignatureAlgorithm(String token, JdkSignature signature) {
        this.token = token;
        this.signature = signature;
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

    /// Whether `given` is a signature of `key` over `message`. Any thread; costs about a tenth of a
    /// millisecond.
    public boolean verify(PublicKey key, byte[] message, byte[] given) {
        boolean fits = this == RSA_PSS_SHA512 || given.length == CURVE_SIGNATURE_BYTES;
        return fits && signature.verify(key, message, given);
    }

    public byte[] sign(PrivateKey key, byte[] message) {
        return signature.sign(key, message);
    }
}
