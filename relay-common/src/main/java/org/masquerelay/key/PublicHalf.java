package org.masquerelay.key;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;

/// The public key that belongs to a private one, for files of keys that leave it out.
public final class PublicHalf {
    private PublicHalf() {}

    /// Nothing for a key of a kind that [KeyKind] does not know, or an RSA key without its public
    /// exponent.
    public static Optional<PublicKey> of(PrivateKey key) {
        return KeyKind.of(key)
                .flatMap(kind ->
                        switch (kind) {
                            case ED25519 -> ed25519((EdECPrivateKey) key);
                            case P256 -> p256((ECPrivateKey) key);
                            case RSA -> rsa(key);
                        });
    }

    private static Optional<PublicKey> ed25519(EdECPrivateKey key) {
        return key.getBytes()
                .map(seed -> {
                    var point =
                            new Ed25519PrivateKeyParameters(seed).generatePublicKey().getEncoded();
                    var algorithm = new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519);
                    try {
                        var encoded = new SubjectPublicKeyInfo(algorithm, point).getEncoded();
                        return publicKey("Ed25519", new X509EncodedKeySpec(encoded));
                    } catch (java.io.IOException e) {
                        throw new IllegalStateException("a key of bytes that cannot be encoded", e);
                    }
                });
    }

    private static Optional<PublicKey> p256(ECPrivateKey key) {
        var curve = CustomNamedCurves.getByName("secp256r1");
        // Constant time, as its multiplier is for a fixed point.
        var point = curve.getG().multiply(key.getS()).normalize();
        var w =
                new ECPoint(
                        point.getAffineXCoord().toBigInteger(),
                        point.getAffineYCoord().toBigInteger());
        return Optional.of(publicKey("EC", new ECPublicKeySpec(w, key.getParams())));
    }

    private static Optional<PublicKey> rsa(PrivateKey key) {
        return key instanceof RSAPrivateCrtKey crt
                ? Optional.of(
                        publicKey(
                                "RSA",
                                new RSAPublicKeySpec(crt.getModulus(), crt.getPublicExponent())))
                : Optional.empty();
    }

    private static PublicKey publicKey(String algorithm, KeySpec spec) {
        try {
            return KeyFactory.getInstance(algorithm).generatePublic(spec);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " keys do not work here", e);
        }
    }
}
