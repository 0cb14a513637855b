package org.masquerelay.ingress.config;

import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.masquerelay.boot.config.BundleMaterial.Need;
import org.masquerelay.boot.config.RelayTls;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.transport.TlsMaterial;

/// The TLS material of both sides of an ingress.
///
/// @param server what clients see
/// @param upstream what the egress sees, and whom it is taken for
/// @param development the development PKI, when nothing else is configured
public record IngressTls(
        Supplier<TlsMaterial> server,
        Supplier<TlsMaterial> upstream,
        Optional<DevelopmentPki> development) {

    static IngressTls of(IngressProperties relay, RelayTls tls) {
        if (relay.usesDevelopmentCertificates()) {
            var pki = tls.development();
            return new IngressTls(pki::ingressServer, pki::ingressUpstream, Optional.of(pki));
        }
        var server =
                tls.bundle("relay.tls.bundle", relay.tls().bundle(), Set.of(Need.OWN_CERTIFICATE));
        // An issuer has no next hop.
        var upstream =
                relay.isIssuer()
                        ? server
                        : tls.bundle(
                                "relay.upstream.tls-bundle",
                                relay.upstream().tlsBundle(),
                                Set.of(Need.TRUST));
        return new IngressTls(server, upstream, Optional.empty());
    }
}
