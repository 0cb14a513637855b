package org.masquerelay.gate.issuer;

import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.Peer;

/// Tells an issuer whose token request this is: who learns a client's identity is the issuer, who
/// never sees what its tokens are for ([RFC 9576, section
/// 3.2](https://datatracker.ietf.org/doc/html/rfc9576#section-3.2)).
///
/// A bean of this type stands in for ours. Called on a virtual thread, may block.
@FunctionalInterface
public interface Attester {
    Attestation attest(PlainRequest request, Peer peer);

    /// Whether a client may ask for tokens.
    sealed interface Attestation {}

    /// It may, as far as its rate allows.
    ///
    /// @param client the same for all requests of one client, and for nobody else's; never logged
    record Attested(String client) implements Attestation {}

    /// It may not.
    record Refused(PlainResponse answer) implements Attestation {}
}
