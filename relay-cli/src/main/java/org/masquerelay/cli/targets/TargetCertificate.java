package org.masquerelay.cli.targets;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.masquerelay.pki.Pem;
import org.masquerelay.pki.PemException;

/// A self-signed certificate of a target, made for one run and trusted by name, with its key.
///
/// It has nothing to do with the certificates of the relay: TLS to a target is end to end.
public final class TargetCertificate {
    private static final Duration LIFETIME = Duration.ofDays(7);

    /// Clocks of one machine differ by nothing, but a certificate is not valid before its second.
    private static final Duration MARGIN = Duration.ofMinutes(5);

    private static final char[] PASSWORD = {};

    private final KeyPair keys;
    private final X509Certificate certificate;

    private TargetCertificate(KeyPair keys, X509Certificate certificate) {
        this.keys = keys;
        this.certificate = certificate;
    }

    /// For these DNS names, of which there is at least one.
    public static TargetCertificate forNames(List<String> names) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            return new TargetCertificate(keys, selfSigned(keys, names));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("this Java cannot make an EC certificate", e);
        }
    }

    private static X509Certificate selfSigned(KeyPair keys, List<String> names)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        var subject = new X500Name("CN=" + names.getFirst());
        Instant now = Instant.now();
        var builder =
                new JcaX509v3CertificateBuilder(
                        subject,
                        new BigInteger(127, new SecureRandom()).add(BigInteger.ONE),
                        Date.from(now.minus(MARGIN)),
                        Date.from(now.plus(LIFETIME)),
                        subject,
                        keys.getPublic());
        var alternatives =
                names.stream()
                        .map(name -> new GeneralName(GeneralName.dNSName, name))
                        .toArray(GeneralName[]::new);
        builder.addExtension(
                Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /// The certificate in the form that `--cacert` reads.
    public String pem() {
        try {
            return Pem.text(List.of(certificate));
        } catch (PemException e) {
            throw new IllegalStateException("a certificate made here has no encoding", e);
        }
    }

    /// What a server shows this certificate with.
    SSLContext serverContext() {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, PASSWORD);
            store.setKeyEntry(
                    "target", keys.getPrivate(), PASSWORD, new X509Certificate[] {certificate});
            var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, PASSWORD);
            var context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java cannot serve TLS", e);
        }
    }
}
