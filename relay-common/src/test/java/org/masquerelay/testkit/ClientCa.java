package org.masquerelay.testkit;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.masquerelay.transport.TlsMaterial;

/// An authority that signs clients' certificates, other authorities, and lists of what it revokes.
public final class ClientCa {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration DAY = Duration.ofDays(1);

    private final KeyPair keys;
    private final List<X509Certificate> chain;

    private ClientCa(KeyPair keys, List<X509Certificate> chain) {
        this.keys = keys;
        this.chain = chain;
    }

    /// What a client's certificate says.
    ///
    /// @param subject in the form of RFC 2253
    /// @param names URIs of the subject alternative name
    public record Client(
            String subject, List<String> names, KeyPurposeId purpose, Instant notAfter) {
        public static Client of(String commonName, String... names) {
            return new Client(
                    "CN=" + commonName,
                    List.of(names),
                    KeyPurposeId.id_kp_clientAuth,
                    Instant.now().plus(DAY));
        }

        public Client expired() {
            return new Client(subject, names, purpose, Instant.now().minus(Duration.ofMinutes(1)));
        }

        public Client with(KeyPurposeId other) {
            return new Client(subject, names, other, notAfter);
        }

        public Client withSubject(String other) {
            return new Client(other, names, purpose, notAfter);
        }
    }

    public static ClientCa root(String name) {
        try {
            var keys = newKeys();
            return new ClientCa(keys, List.of(authority("CN=" + name, "CN=" + name, keys, keys)));
        } catch (GeneralSecurityException | CertIOException e) {
            throw new AssertionError(e);
        }
    }

    /// One below this.
    public ClientCa intermediate(String name) {
        try {
            var own = newKeys();
            var all = new ArrayList<X509Certificate>();
            all.add(authority(issuer(), "CN=" + name, own, keys));
            all.addAll(chain);
            return new ClientCa(own, List.copyOf(all));
        } catch (GeneralSecurityException | CertIOException e) {
            throw new AssertionError(e);
        }
    }

    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /// A key and its chain, for a client that trusts servers of these anchors.
    public TlsMaterial issue(Client client, List<X509Certificate> serverAnchors) {
        try {
            var own = newKeys();
            var builder = builder(issuer(), client.subject(), own, client.notAfter());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(client.purpose()));
            if (!client.names().isEmpty()) {
                var names =
                        client.names().stream()
                                .map(uri ->
                                        new GeneralName(GeneralName.uniformResourceIdentifier, uri))
                                .toArray(GeneralName[]::new);
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            var all = new ArrayList<X509Certificate>();
            all.add(sign(builder, keys));
            all.addAll(chain.subList(0, chain.size() - 1)); // The root is known or it is not.
            return new TlsMaterial(own.getPrivate(), all, serverAnchors);
        } catch (GeneralSecurityException | CertIOException e) {
            throw new AssertionError(e);
        }
    }

    /// The list of what this authority has revoked.
    public X509CRL revoking(X509Certificate... revoked) {
        try {
            var now = Instant.now();
            var builder =
                    new JcaX509v2CRLBuilder(
                            new X500Principal(issuer()), Date.from(now.minusSeconds(60)));
            builder.setNextUpdate(Date.from(now.plus(DAY)));
            for (var one : revoked) {
                builder.addCRLEntry(one.getSerialNumber(), Date.from(now), CRLReason.keyCompromise);
            }
            return new JcaX509CRLConverter().getCRL(builder.build(signer(keys)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private String issuer() {
        return chain.getFirst().getSubjectX500Principal().getName();
    }

    private static X509Certificate authority(
            String issuer, String subject, KeyPair own, KeyPair signer)
            throws GeneralSecurityException, CertIOException {
        var builder = builder(issuer, subject, own, Instant.now().plus(DAY));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        return sign(builder, signer);
    }

    private static JcaX509v3CertificateBuilder builder(
            String issuer, String subject, KeyPair own, Instant notAfter) {
        return new JcaX509v3CertificateBuilder(
                new X500Principal(issuer),
                new BigInteger(127, RANDOM),
                Date.from(Instant.now().minus(DAY)),
                Date.from(notAfter),
                new X500Principal(subject),
                own.getPublic());
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, KeyPair signer)
            throws GeneralSecurityException {
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer(signer)));
    }

    private static ContentSigner signer(KeyPair keys) throws GeneralSecurityException {
        try {
            return new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
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
