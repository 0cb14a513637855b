package org.masquerelay.gate.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;

/// Verifies signatures of Ed25519 (RFC 8037, section 3.1) with the JDK, which the JOSE library does
/// not.
final class Ed25519JwsVerifier extends BaseJWSProvider implements JWSVerifier {
    /// SubjectPublicKeyInfo up to the key (RFC 8410, section 4).
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int KEY_LENGTH = 32;

    private final PublicKey key;

    Ed25519JwsVerifier(PublicKey key) {
        super(Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519));
        this.key = key;
    }

    /// @param x the key as RFC 8037, section 2, writes it
    static PublicKey key(Base64URL x) throws GeneralSecurityException {
        byte[] bytes = x.decode();
        if (bytes.length != KEY_LENGTH) {
            throw new GeneralSecurityException("x: " + bytes.length + " bytes (expected: 32)");
        }
        byte[] spki = new byte[SPKI.length + KEY_LENGTH];
        System.arraycopy(SPKI, 0, spki, 0, SPKI.length);
        System.arraycopy(bytes, 0, spki, SPKI.length, KEY_LENGTH);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki));
    }

    @Override
    public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) {
        // RFC 7515, section 4.1.11: an extension that is critical and not understood.
        if (header.getCriticalParams() != null) {
            return false;
        }
        try {
            var ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(key);
            ed25519.update(signed);
            return ed25519.verify(signature.decode());
        } catch (SignatureException _) {
            return false; // Of another length.
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 is missing from this JDK", e);
        }
    }
}
