package org.masquerelay.pki;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.masquerelay.transport.TlsMaterial;

/// A certificate authority that lives as long as this object: its key is never written down.
final class CertificateAuthority {
    private static final SecureRandom RANDOM = new SecureRandom();

    /// Clocks of a machine and its containers differ by less than this.
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final int SERIAL_BITS = 127;
    private static final int IP = GeneralName.iPAddress;
    private static final int DNS = GeneralName.dNSName;

    private final KeyPair keys;
    private final X509Certificate certificate;
    private final Instant notBefore;
    private final Instant notAfter;

    private CertificateAuthority(
            KeyPair keys, X509Certificate certificate, Instant notBefore, Instant notAfter) {
        this.keys = keys;
        this.certificate = certificate;
        this.notBefore = notBefore;
        this.notAfter = notAfter;
    }

    /// What a certificate is for.
    enum Purpose {
        SERVER,
        CLIENT;

        private ExtendedKeyUsage extendedKeyUsage() {
            return new ExtendedKeyUsage(
                    switch (this) {
                        case SERVER -> KeyPurposeId.id_kp_serverAuth;
                        case CLIENT -> KeyPurposeId.id_kp_clientAuth;
                    });
        }
    }

    static CertificateAuthority create(String name, Instant now, Duration validity)
            throws GeneralSecurityException {
        var notBefore = now.minus(BACKDATED);
        var notAfter = now.plus(validity);
        var keys = newKeys();
        var subject = new X500Principal("CN=" + name);
        var builder = builder(subject, subject, keys.getPublic(), notBefore, notAfter);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            var usage = new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
            builder.addExtension(Extension.keyUsage, true, usage);
            var identifier =
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic());
            builder.addExtension(Extension.subjectKeyIdentifier, false, identifier);
        } catch (CertIOException e) {
            throw new GeneralSecurityException(e);
        }
        return new CertificateAuthority(keys, sign(builder, keys), notBefore, notAfter);
    }

    X509Certificate certificate() {
        return certificate;
    }

    /// A new key and its certificate; names that look like an address become address names.
    TlsMaterial issue(String name, Purpose purpose, List<String> hosts)
            throws GeneralSecurityException {
        var own = newKeys();
        var subject = new X500Principal("CN=" + name);
        var issuer = certificate.getSubjectX500Principal();
        var builder = builder(issuer, subject, own.getPublic(), notBefore, notAfter);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, purpose.extendedKeyUsage());
            var authority = new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate);
            builder.addExtension(Extension.authorityKeyIdentifier, false, authority);
            builder.addExtension(Extension.subjectAlternativeName, false, names(hosts));
        } catch (CertIOException e) {
            throw new GeneralSecurityException(e);
        }
        return new TlsMaterial(own.getPrivate(), List.of(sign(builder, keys)), List.of());
    }

    private static GeneralNames names(List<String> hosts) {
        var names =
                hosts.stream()
                        .map(host -> new GeneralName(isAddress(host) ? IP : DNS, host))
                        .toArray(GeneralName[]::new);
        return new GeneralNames(names);
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || c <= '9');
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer,
            X500Principal subject,
            PublicKey key,
            Instant notBefore,
            Instant notAfter) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, RANDOM),
                Date.from(notBefore),
                Date.from(notAfter),
                subject,
                key);
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, KeyPair signer)
            throws GeneralSecurityException {
        try {
            var signature =
                    new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signature));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }
}
