package org.masquerelay.cli.doctor;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.X509TrustManager;
import org.masquerelay.pki.KeyMatch;
import org.masquerelay.wire.IpLiteral;

/// Looks at a certificate with those that sign it: until when it is good, for whom, and who
/// believes it.
///
/// @param whose for the user, such as `ingress.crt`
/// @param chain the certificate first
/// @param trust who believes it when it is a server's; how certificates of clients are believed is
///   the business of the relay they are shown to
record Certificates(
        String whose, List<X509Certificate> chain, X509TrustManager trust, Instant now) {
    private static final Duration RENEWED_BEFORE_END = Duration.ofDays(14);
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

    /// RFC 5280, section 4.2.1.6.
    private static final int DNS_NAME = 2;

    private static final int IP_ADDRESS = 7;

    Certificates {
        chain = List.copyOf(chain);
    }

    /// @param name whom a client dials; empty to take any
    /// @param shown whether it is in use: then it has to be trusted
    List<Finding> findings(Optional<String> name, boolean shown) {
        var found = new ArrayList<Finding>();
        found.add(validity());
        if (isServers()) {
            found.add(names(name));
        }
        found.add(order());
        if (isServers()) {
            found.add(trusted(shown));
        }
        return found;
    }

    Finding keyMatch(PrivateKey key) {
        String check = "key of " + whose;
        try {
            KeyMatch.check(key, chain.getFirst().getPublicKey());
            return Finding.ok(check, "belongs to the certificate");
        } catch (GeneralSecurityException e) {
            return Finding.fail(
                    check, String.valueOf(e.getMessage()), "configure the key it was issued for");
        }
    }

    private Finding validity() {
        String check = "validity of " + whose;
        for (var certificate : chain) {
            var from = certificate.getNotBefore().toInstant();
            if (now.isBefore(from)) {
                return Finding.fail(
                        check,
                        "not valid before " + from,
                        "set the clock: timedatectl set-ntp true");
            }
        }
        var end =
                chain.stream()
                        .map(certificate -> certificate.getNotAfter().toInstant())
                        .min(Instant::compareTo)
                        .orElse(now);
        String what = "until " + end;
        if (!now.isBefore(end)) {
            return Finding.fail(check, "expired, good " + what, "renew it");
        }
        return now.plus(RENEWED_BEFORE_END).isAfter(end)
                ? Finding.warn(check, what, "renew it within " + days(end) + " days")
                : Finding.ok(check, what + ", " + days(end) + " days");
    }

    private long days(Instant end) {
        return Duration.between(now, end).toDays();
    }

    private Finding names(Optional<String> wanted) {
        String check = "names of " + whose;
        var names = names();
        String what = names.isEmpty() ? "none" : String.join(", ", names);
        if (names.isEmpty() || (wanted.isPresent() && !matches(names, wanted.get()))) {
            return Finding.fail(
                    check,
                    what,
                    "have it issued with the subjectAltName " + wanted.orElse("that clients dial"));
        }
        return Finding.ok(check, what);
    }

    private List<String> names() {
        try {
            var names = chain.getFirst().getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name ->
                                    name.getFirst().equals(DNS_NAME)
                                            || name.getFirst().equals(IP_ADDRESS))
                            .map(name -> String.valueOf(name.get(1)))
                            .collect(Collectors.toList());
        } catch (CertificateParsingException _) {
            return List.of();
        }
    }

    /// RFC 9525, section 6.3: a wildcard stands for one whole label, the first.
    private static boolean matches(List<String> names, String host) {
        var address = IpLiteral.parse(host);
        String wanted = host.toLowerCase(Locale.ROOT);
        int dot = wanted.indexOf('.');
        return names.stream()
                .anyMatch(name ->
                        address.isPresent()
                                ? IpLiteral.parse(name).equals(address)
                                : name.equalsIgnoreCase(wanted)
                                        || (dot > 0
                                                && name.equalsIgnoreCase(
                                                        "*" + wanted.substring(dot))));
    }

    /// RFC 8446, section 4.4.2: each one should certify the one before.
    private Finding order() {
        String check = "chain of " + whose;
        for (int i = 1; i < chain.size(); i++) {
            try {
                chain.get(i - 1).verify(chain.get(i).getPublicKey());
            } catch (GeneralSecurityException _) {
                return Finding.fail(
                        check,
                        "certificate %d does not sign the one before it".formatted(i + 1),
                        "put the certificate first, then the one that signs it, and so on");
            }
        }
        return Finding.ok(check, chain.size() == 1 ? "1 certificate" : chain.size() + " in order");
    }

    private Finding trusted(boolean shown) {
        String check = "trust in " + whose;
        var certificates = chain.toArray(X509Certificate[]::new);
        String kind = chain.getFirst().getPublicKey().getAlgorithm();
        try {
            trust.checkServerTrusted(certificates, kind.equals("RSA") ? "ECDHE_RSA" : "UNKNOWN");
            return Finding.ok(check, "signed by an authority that is trusted here");
        } catch (CertificateException _) {
            String change = "--ca FILE with the authority, or send its intermediates, too";
            return shown
                    ? Finding.fail(check, "not signed by an authority trusted here", change)
                    : Finding.warn(check, "not signed by an authority trusted here", change);
        }
    }

    /// Without extended key usage it is for anything.
    private boolean isServers() {
        try {
            var usages = chain.getFirst().getExtendedKeyUsage();
            return usages == null || usages.contains(SERVER_AUTH);
        } catch (CertificateParsingException _) {
            return true;
        }
    }
}
