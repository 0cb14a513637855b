package org.masquerelay.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/// Keys from keys: HKDF with SHA-256 (RFC 5869).
final class Hkdf {
    private Hkdf() {}

    /// `length` bytes for the use that `info` names.
    static byte[] expand(byte[] material, String info, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(material)
                                    .thenExpand(info.getBytes(UTF_8), length));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has HKDF-SHA256", missing);
        }
    }
}
