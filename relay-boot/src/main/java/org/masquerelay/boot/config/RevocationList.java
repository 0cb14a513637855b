package org.masquerelay.boot.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads lists of revoked certificates (RFC 5280, section 5), as PEM or DER.
final class RevocationList {
    private static final Logger LOG = LoggerFactory.getLogger(RevocationList.class);

    private static final String NO_LIST = "it holds no list of revoked certificates in PEM or DER";

    /// Of a list that only says what has changed since another one (RFC 5280, section 5.2.4).
    private static final String DELTA = "2.5.29.27";

    private RevocationList() {}

    /// @param anchors the authorities that the listener trusts; lists of authorities below them
    ///   show only with a client's chain who has signed them
    /// @throws IOException when the content has no list, or one that cannot be used
    static List<X509CRL> read(String property, byte[] content, List<X509Certificate> anchors)
            throws IOException {
        var lists = new ArrayList<X509CRL>();
        try {
            var factory = CertificateFactory.getInstance("X.509");
            for (var list : factory.generateCRLs(new ByteArrayInputStream(content))) {
                lists.add((X509CRL) list);
            }
        } catch (CRLException | CertificateException _) {
            throw new IOException(NO_LIST); // The parser's words would not say what to do.
        }
        if (lists.isEmpty()) {
            throw new IOException(NO_LIST);
        }
        for (var list : lists) {
            check(property, list);
            checkIssuer(list, anchors);
        }
        return List.copyOf(lists);
    }

    /// A list that is not its issuer's revokes nothing, so whoever configured it would believe in
    /// revocations that do not hold.
    private static void checkIssuer(X509CRL list, List<X509Certificate> anchors)
            throws IOException {
        var named =
                anchors.stream()
                        .filter(anchor ->
                                anchor.getSubjectX500Principal()
                                        .equals(list.getIssuerX500Principal()))
                        .toList();
        if (!named.isEmpty() && named.stream().noneMatch(anchor -> isSignedBy(list, anchor))) {
            throw new IOException(
                    "it holds a list in the name of a trusted authority that did not sign it");
        }
    }

    private static boolean isSignedBy(X509CRL list, X509Certificate authority) {
        try {
            list.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static void check(String property, X509CRL list) throws IOException {
        if (list.hasUnsupportedCriticalExtension() || list.getExtensionValue(DELTA) != null) {
            throw new IOException("it holds a list that is not complete by itself");
        }
        var next = list.getNextUpdate();
        if (next != null && next.toInstant().isBefore(Instant.now())) {
            LOG.warn("{} names a file with a list that should have been renewed by now", property);
        }
    }
}
