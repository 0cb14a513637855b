package org.masquerelay.transport;

import java.security.cert.X509CRL;
import java.util.List;

/// What a client's certificate has to stand up to beside a path to an anchor.
///
/// @param revocations lists of revoked certificates (RFC 5280, section 5); one counts for what its
///   issuer has signed, however old it is
/// @param directlySigned whether an anchor itself has to have signed the certificate, with no other
///   authority between them
public record ClientRules(List<X509CRL> revocations, boolean directlySigned) {
    public static final ClientRules NONE = new ClientRules(List.of(), false);

    public ClientRules {
        revocations = List.copyOf(revocations);
    }
}
