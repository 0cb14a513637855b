package org.masquerelay.token;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes, the only parameters of token
/// type 0x0002 ([RFC 9578, section
/// 6.4](https://datatracker.ietf.org/doc/html/rfc9578#section-6.4)).
public final class RsaPss {
    public static final int SALT_LENGTH = 48;

    static final PSSParameterSpec PARAMETERS =
            new PSSParameterSpec(
                    "SHA-384",
                    "MGF1",
                    MGF1ParameterSpec.SHA384,
                    SALT_LENGTH,
                    PSSParameterSpec.TRAILER_FIELD_BC);

    private RsaPss() {}

    /// Any thread; each call uses its own [Signature], which costs about a tenth of the RSA
    /// operation.
    public static boolean verify(RSAPublicKey key, byte[] message, byte[] signature) {
        try {
            var pss = Signature.getInstance("RSASSA-PSS");
            pss.setParameter(PARAMETERS);
            pss.initVerify(key);
            pss.update(message);
            return pss.verify(signature);
        } catch (SignatureException e) {
            // The JDK's way to say that the length is wrong or the number too large.
            return false;
        } catch (NoSuchAlgorithmException
                | InvalidAlgorithmParameterException
                | InvalidKeyException e) {
            throw unusable(e);
        }
    }

    static boolean matches(AlgorithmParameterSpec given) {
        return given instanceof PSSParameterSpec pss
                && pss.getDigestAlgorithm().equals(PARAMETERS.getDigestAlgorithm())
                && pss.getMGFAlgorithm().equals(PARAMETERS.getMGFAlgorithm())
                && pss.getMGFParameters() instanceof MGF1ParameterSpec mgf
                && mgf.getDigestAlgorithm().equals(MGF1ParameterSpec.SHA384.getDigestAlgorithm())
                && pss.getSaltLength() == SALT_LENGTH
                && pss.getTrailerField() == PSSParameterSpec.TRAILER_FIELD_BC;
    }

    static IllegalStateException unusable(GeneralSecurityException cause) {
        return new IllegalStateException("RSASSA-PSS with SHA-384 does not work here", cause);
    }
}
