package org.masquerelay.token.keys;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HexFormat;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.VoprfKey;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.ScheduledKey;

/// Issuer keys in PKCS#12. Each has a certificate whose only meaning is when the key is used.
///
/// The certificates are signed with a key that is thrown away: an issuer key signs tokens only.
final class Pkcs12Keys {
    /// RFC 5280, section 4.1.2.5: no end that is known.
    private static final Instant NO_END = Instant.parse("9999-12-31T23:59:59Z");

    private static final X500Name SIGNER = new X500Name("CN=nobody");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SERIAL_BITS = 127;

    private Pkcs12Keys() {}

    /// A wrong password is an [IOException].
    static IssuerKeySet parse(byte[] content, char[] password)
            throws IOException, TokenFormatException {
        var keys = new ArrayList<ScheduledKey>();
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(content), password);
            for (String alias : Collections.list(store.aliases())) {
                if (store.getKey(alias, password) instanceof PrivateKey key) {
                    keys.add(key(key, store.getCertificate(alias)));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new TokenFormatException(Fault.KEY_FILE);
        }
        if (keys.isEmpty()) {
            throw new TokenFormatException(Fault.KEY_FILE);
        }
        return PemKeys.setOf(keys);
    }

    static byte[] format(IssuerKeySet set, char[] password) throws IOException {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (var key : set.keys()) {
                var pair = key.pair();
                String alias =
                        "token-%04x-%s"
                                .formatted(
                                        pair.type().code(),
                                        HexFormat.of()
                                                .formatHex(
                                                        pair.publicKey().tokenKeyId().toArray(),
                                                        0,
                                                        8));
                store.setKeyEntry(
                        alias,
                        privateKey(pair),
                        password,
                        new X509Certificate[] {certificate(alias, key)});
            }
            var out = new ByteArrayOutputStream();
            store.store(out, password);
            return out.toByteArray();
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("PKCS#12 cannot be written here", e);
        }
    }

    private static ScheduledKey key(PrivateKey key, java.security.cert.Certificate certificate)
            throws TokenFormatException {
        var pair = IssuerKeyPair.parsePkcs8(key.getEncoded());
        if (!(certificate instanceof X509Certificate x509)) {
            return ScheduledKey.always(pair);
        }
        var notAfter = x509.getNotAfter().toInstant();
        return PemKeys.scheduled(
                pair,
                x509.getNotBefore().toInstant(),
                notAfter.isBefore(NO_END) ? notAfter : Instant.MAX);
    }

    private static PrivateKey privateKey(IssuerKeyPair pair) throws GeneralSecurityException {
        String algorithm =
                switch (pair.type()) {
                    case VOPRF -> "EC";
                    case BLIND_RSA -> "RSA";
                };
        return KeyFactory.getInstance(algorithm)
                .generatePrivate(new PKCS8EncodedKeySpec(pair.toPkcs8()));
    }

    private static X509Certificate certificate(String name, ScheduledKey key)
            throws GeneralSecurityException, OperatorCreationException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var signer =
                new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(generator.generateKeyPair().getPrivate());
        var end = key.notAfter().isBefore(NO_END) ? key.notAfter() : NO_END;
        var builder =
                new X509v3CertificateBuilder(
                        SIGNER,
                        new BigInteger(SERIAL_BITS, RANDOM),
                        Date.from(key.notBefore()),
                        Date.from(end),
                        X500Name.getInstance(new X500Principal("CN=" + name).getEncoded()),
                        info(key.pair().publicKey()));
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    /// With the point uncompressed, since the JDK reads no other.
    private static SubjectPublicKeyInfo info(IssuerKey key) {
        return switch (key) {
            case BlindRsaKey rsa -> SubjectPublicKeyInfo.getInstance(rsa.encoded().toArray());
            case VoprfKey voprf -> {
                var curve = CustomNamedCurves.getByOID(SECObjectIdentifiers.secp384r1).getCurve();
                yield new SubjectPublicKeyInfo(
                        new AlgorithmIdentifier(
                                X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp384r1),
                        curve.decodePoint(voprf.encoded().toArray()).getEncoded(false));
            }
        };
    }
}
