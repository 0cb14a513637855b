package org.masquerelay.pki;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/// Proves that a private key belongs to a certificate before a first client finds out that it does
/// not.
public final class KeyMatch {
    private static final byte[] PROBE = {'p', 'r', 'o', 'b', 'e'};

    private KeyMatch() {}

    /// Signs with one and verifies with the other.
    ///
    /// @throws InvalidKeyException when they do not belong together
    public static void check(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
            throw new InvalidKeyException("key and certificate are of different kinds");
        }
        var signature = Signature.getInstance(algorithm(key));
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(PROBE);
        if (!signature.verify(signed)) {
            throw new InvalidKeyException("the key is not the one of the certificate");
        }
    }

    private static String algorithm(PrivateKey key) throws InvalidKeyException {
        return switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            case "EdDSA", "Ed25519" -> "EdDSA";
            default -> throw new InvalidKeyException("keys of this kind are not supported");
        };
    }
}
