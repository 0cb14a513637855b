package org.masquerelay.key;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.util.Optional;

/// The keys that clients may sign with.
public enum KeyKind {
    ED25519,
    P256,
    /// Of 2048 to 8192 bits: below, RFC 8017 is not safe; above, a verification costs more than a
    /// request may.
    RSA;

    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;
    private static final ECParameterSpec SECP256R1 = secp256r1();

    /// The kind of a public or private key, if it is one of these.
    public static Optional<KeyKind> of(Key key) {
        return switch (key) {
            case EdECKey ed
                    when ed.getParams().getName().equals(NamedParameterSpec.ED25519.getName()) ->
                    Optional.of(ED25519);
            case ECKey ec when isSecp256r1(ec.getParams()) -> Optional.of(P256);
            case RSAKey rsa
                    when rsa.getModulus().bitLength() >= MIN_RSA_BITS
                            && rsa.getModulus().bitLength() <= MAX_RSA_BITS ->
                    Optional.of(RSA);
            default -> Optional.empty();
        };
    }

    private static boolean isSecp256r1(ECParameterSpec given) {
        return given.getCurve().equals(SECP256R1.getCurve())
                && given.getGenerator().equals(SECP256R1.getGenerator())
                && given.getOrder().equals(SECP256R1.getOrder());
    }

    private static ECParameterSpec secp256r1() {
        try {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("secp256r1 is missing from this JDK", e);
        }
    }
}
