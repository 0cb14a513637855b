package org.masquerelay.pki;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Textual encodings of certificates and keys (RFC 7468).
public final class Pem {
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String PUBLIC_KEY = "PUBLIC KEY";
    private static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "RSASSA-PSS", "EdDSA");

    private Pem() {}

    /// All certificates of the text in their order; at least one.
    public static List<X509Certificate> certificates(String text) throws PemException {
        var found = new ArrayList<X509Certificate>();
        for (byte[] der : blocks(text, CERTIFICATE)) {
            found.add(certificate(der));
        }
        if (found.isEmpty()) {
            throw new PemException("no certificate found");
        }
        return List.copyOf(found);
    }

    /// The one private key of the text, in PKCS #8.
    public static PrivateKey privateKey(String text) throws PemException {
        var found = blocks(text, PRIVATE_KEY);
        if (found.size() != 1) {
            throw new PemException(found.size() + " PKCS #8 private keys found (expected: 1)");
        }
        var spec = new PKCS8EncodedKeySpec(found.getFirst());
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException _) {
                // Not of this algorithm; the next one may read it.
            } catch (GeneralSecurityException e) {
                throw new PemException("private keys cannot be read on this Java", e);
            }
        }
        throw new PemException("a private key of an unknown kind (known: " + KEY_ALGORITHMS + ")");
    }

    /// The one public key of the text, a SubjectPublicKeyInfo (RFC 7468, section 13).
    public static PublicKey publicKey(String text) throws PemException {
        var spec = new X509EncodedKeySpec(block(text, PUBLIC_KEY));
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePublic(spec);
            } catch (InvalidKeySpecException _) {
                // Not of this algorithm; the next one may read it.
            } catch (GeneralSecurityException e) {
                throw new PemException("public keys cannot be read on this Java", e);
            }
        }
        throw new PemException("a public key of an unknown kind (known: " + KEY_ALGORITHMS + ")");
    }

    /// The contents of the one block called `label`, such as `PUBLIC KEY`.
    public static byte[] block(String text, String label) throws PemException {
        var found = blocks(text, label);
        if (found.size() != 1) {
            throw new PemException(found.size() + " " + label + " blocks found (expected: 1)");
        }
        return found.getFirst();
    }

    public static String text(List<X509Certificate> chain) throws PemException {
        var text = new StringBuilder();
        for (var certificate : chain) {
            try {
                text.append(block(CERTIFICATE, certificate.getEncoded()));
            } catch (CertificateException e) {
                throw new PemException("a certificate that cannot be encoded", e);
            }
        }
        return text.toString();
    }

    public static String text(PrivateKey key) {
        return block(PRIVATE_KEY, key.getEncoded());
    }

    private static X509Certificate certificate(byte[] der) throws PemException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new PemException("a certificate that is not X.509", e);
        }
    }

    private static List<byte[]> blocks(String text, String label) throws PemException {
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        var blocks = new ArrayList<byte[]>();
        int from = text.indexOf(begin);
        while (from >= 0) {
            int body = from + begin.length();
            int to = text.indexOf(end, body);
            if (to < 0) {
                throw new PemException(label + " begins but does not end");
            }
            blocks.add(decode(text.substring(body, to), label));
            from = text.indexOf(begin, to);
        }
        return blocks;
    }

    private static byte[] decode(String body, String label) throws PemException {
        try {
            return Base64.getMimeDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            throw new PemException(label + " is not base64", e);
        }
    }

    private static String block(String label, byte[] der) {
        var encoder = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
        return "-----BEGIN "
                + label
                + "-----\n"
                + encoder.encodeToString(der)
                + "\n-----END "
                + label
                + "-----\n";
    }
}
