package org.masquerelay.transport;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Which client certificates a listener takes: those with a path to one of its anchors (RFC 5280,
/// section 6), in their time, made for TLS clients, and not revoked.
///
/// The same judgement for every HTTP version, whichever code does its TLS. Safe on any thread;
/// nothing is fetched from anywhere.
public final class ClientTrust {
    /// Certificates of one chain that are looked at.
    private static final int MAX_CHAIN = 10;

    // RFC 5280, section 4.2.1.12.
    private static final String ANY_PURPOSE = "2.5.29.37.0";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    /// Index of digitalSignature in a key usage (RFC 5280, section 4.2.1.3).
    private static final int DIGITAL_SIGNATURE = 0;

    private final List<X509Certificate> anchors;
    private final Set<TrustAnchor> trusted;
    private final ClientRules rules;

    private ClientTrust(List<X509Certificate> anchors, ClientRules rules) {
        this.anchors = anchors;
        this.trusted =
                anchors.stream()
                        .map(anchor -> new TrustAnchor(anchor, null))
                        .collect(Collectors.toUnmodifiableSet());
        this.rules = rules;
    }

    /// The trust of a listener with this material.
    public static ClientTrust of(TlsMaterial tls) {
        return new ClientTrust(tls.anchors(), tls.clientRules());
    }

    List<X509Certificate> anchors() {
        return anchors;
    }

    /// What becomes of a client's certificate.
    public enum Verdict {
        TAKEN,
        /// It would be taken, if it or one above it were not revoked.
        REVOKED,
        /// Anything else.
        STRANGE
    }

    /// Whether the client with this chain, leaf first, is taken.
    public boolean accepts(List<X509Certificate> chain) {
        return judge(chain) == Verdict.TAKEN;
    }

    /// The same, with one reason told apart from all others.
    Verdict judge(List<X509Certificate> chain) {
        try {
            check(chain);
            return Verdict.TAKEN;
        } catch (RevokedException _) {
            return Verdict.REVOKED;
        } catch (CertificateException _) {
            return Verdict.STRANGE;
        }
    }

    private static final class RevokedException extends CertificateException {
        private static final long serialVersionUID = 1L;

        RevokedException() {
            super("the certificate is revoked");
        }
    }

    /// @throws CertificateException if the chain is not taken; it names nothing of the client
    void check(List<X509Certificate> chain) throws CertificateException {
        if (chain.isEmpty() || chain.size() > MAX_CHAIN) {
            throw new CertificateException("no chain of 1 to " + MAX_CHAIN + " certificates");
        }
        try {
            var leaf = chain.getFirst();
            checkPurpose(leaf);
            if (isPinned(leaf)) {
                leaf.checkValidity();
                checkRevocation(List.of(leaf, leaf));
            } else {
                checkRevocation(path(chain));
            }
        } catch (RevokedException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the certificate is not trusted", e);
        }
    }

    private static void checkPurpose(X509Certificate leaf) throws CertificateException {
        var purposes = leaf.getExtendedKeyUsage();
        if (purposes != null
                && !purposes.contains(CLIENT_AUTH)
                && !purposes.contains(ANY_PURPOSE)) {
            throw new CertificateException("the certificate is not for TLS clients");
        }
        var usage = leaf.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            throw new CertificateException("the certificate's key is not for signatures");
        }
    }

    /// Whether a certificate that has signed itself is trusted as it is.
    private boolean isPinned(X509Certificate leaf) {
        return leaf.getIssuerX500Principal().equals(leaf.getSubjectX500Principal())
                && anchors.contains(leaf);
    }

    /// The certificates from the leaf to the anchor, which is the last.
    private List<X509Certificate> path(List<X509Certificate> chain)
            throws GeneralSecurityException {
        var built =
                (PKIXCertPathBuilderResult)
                        CertPathBuilder.getInstance("PKIX").build(parameters(chain));
        var path = new ArrayList<X509Certificate>();
        for (var certificate : built.getCertPath().getCertificates()) {
            path.add((X509Certificate) certificate);
        }
        path.add(built.getTrustAnchor().getTrustedCert());
        return path;
    }

    private PKIXBuilderParameters parameters(List<X509Certificate> chain)
            throws GeneralSecurityException {
        if (trusted.isEmpty()) {
            throw new InvalidAlgorithmParameterException("nobody is trusted");
        }
        var target = new X509CertSelector();
        target.setCertificate(chain.getFirst());
        var parameters = new PKIXBuilderParameters(trusted, target);
        parameters.setRevocationEnabled(false); // checkRevocation, with the lists of the listener.
        if (rules.directlySigned()) {
            parameters.setMaxPathLength(0);
        } else {
            var others = new CollectionCertStoreParameters(chain.subList(1, chain.size()));
            parameters.addCertStore(CertStore.getInstance("Collection", others));
        }
        return parameters;
    }

    private void checkRevocation(List<X509Certificate> path) throws CertificateException {
        for (int i = 0; i < path.size() - 1; i++) {
            for (var list : rules.revocations()) {
                if (list.isRevoked(path.get(i)) && isOf(list, path.get(i), path.get(i + 1))) {
                    throw new RevokedException();
                }
            }
        }
    }

    private static boolean isOf(X509CRL list, X509Certificate subject, X509Certificate issuer) {
        if (!list.getIssuerX500Principal().equals(subject.getIssuerX500Principal())) {
            return false;
        }
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false; // Of another authority of the same name.
        }
    }
}
