package org.masquerelay.gate.mtls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.masquerelay.tunnel.Tenant;

/// Where the tenant of a client certificate stands.
public enum CertificateTenant {
    /// In its SPIFFE ID.
    SPIFFE,
    /// In its common name.
    CN,
    /// In its SPIFFE ID, or in its common name if it has no URI.
    SPIFFE_OR_CN;

    // RFC 5280, section 4.2.1.6.
    private static final int URI_NAME = 6;

    private static final String SCHEME = "spiffe://";

    /// The tenant; empty for a certificate that does not name one as it should.
    Optional<Tenant> of(X509Certificate leaf) {
        try {
            var uris = uris(leaf);
            return switch (this) {
                case SPIFFE -> spiffe(uris);
                case CN -> commonName(leaf);
                case SPIFFE_OR_CN -> uris.isEmpty() ? otherCommonName(leaf) : spiffe(uris);
            };
        } catch (CertificateParsingException | InvalidNameException _) {
            return Optional.empty();
        }
    }

    private static List<String> uris(X509Certificate leaf) throws CertificateParsingException {
        var uris = new ArrayList<String>();
        var names = leaf.getSubjectAlternativeNames();
        for (var name : names == null ? List.<List<?>>of() : names) {
            if (name.get(0).equals(URI_NAME) && name.get(1) instanceof String uri) {
                uris.add(uri);
            }
        }
        return uris;
    }

    /// An X.509 SVID has exactly one URI (SPIFFE, X509-SVID, section 2). Its trust domain, which is
    /// in lower case, and its path are taken as they stand.
    private static Optional<Tenant> spiffe(List<String> uris) {
        if (uris.size() != 1 || !uris.getFirst().startsWith(SCHEME)) {
            return Optional.empty();
        }
        String uri = uris.getFirst();
        int path = uri.indexOf('/', SCHEME.length());
        String domain = uri.substring(SCHEME.length(), path < 0 ? uri.length() : path);
        boolean valid =
                !domain.isEmpty()
                        && domain.chars().allMatch(CertificateTenant::isDomainCharacter)
                        && (path < 0 || isPath(uri.substring(path)));
        return valid && Tenant.isValid(uri) ? Optional.of(new Tenant(uri)) : Optional.empty();
    }

    private static boolean isDomainCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    }

    /// Segments that are not empty and do not lead anywhere else (SPIFFE-ID, section 2.2).
    private static boolean isPath(String path) {
        for (var segment : path.substring(1).split("/", -1)) {
            if (segment.isEmpty()
                    || segment.equals(".")
                    || segment.equals("..")
                    || !segment.chars()
                            .allMatch(c -> isDomainCharacter(c) || (c >= 'A' && c <= 'Z'))) {
                return false;
            }
        }
        return true;
    }

    /// Authorities check a URI and a common name by different rules: who may choose the one is not
    /// to become the tenant of the other.
    private static Optional<Tenant> otherCommonName(X509Certificate leaf)
            throws InvalidNameException {
        return commonName(leaf)
                .filter(tenant -> !tenant.id().regionMatches(true, 0, SCHEME, 0, SCHEME.length()));
    }

    private static Optional<Tenant> commonName(X509Certificate leaf) throws InvalidNameException {
        var names = new ArrayList<String>();
        for (var part : new LdapName(leaf.getSubjectX500Principal().getName()).getRdns()) {
            // A part of several attributes has no one name.
            if (part.size() == 1
                    && part.getType().toUpperCase(Locale.ROOT).equals("CN")
                    && part.getValue() instanceof String name) {
                names.add(name);
            }
        }
        return names.size() == 1 && Tenant.isValid(names.getFirst())
                ? Optional.of(new Tenant(names.getFirst()))
                : Optional.empty();
    }
}
