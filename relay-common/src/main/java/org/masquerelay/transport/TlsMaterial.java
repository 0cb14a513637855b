package org.masquerelay.transport;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What TLS on one side of a hop needs.
///
/// @param key the private key of `chain`, or null without a certificate of its own
/// @param chain this side's certificate chain, leaf first
/// @param anchors whom to trust; empty on a server that asks for no client certificate
/// @param clientRules what else a server asks of client certificates
public record TlsMaterial(
        @Nullable PrivateKey key,
        List<X509Certificate> chain,
        List<X509Certificate> anchors,
        ClientRules clientRules) {
    public TlsMaterial {
        chain = List.copyOf(chain);
        anchors = List.copyOf(anchors);
    }

    public TlsMaterial(
            @Nullable PrivateKey key, List<X509Certificate> chain, List<X509Certificate> anchors) {
        this(key, chain, anchors, ClientRules.NONE);
    }

    /// Trusts these, and shows nothing of itself.
    public static TlsMaterial trusting(List<X509Certificate> anchors) {
        return new TlsMaterial(null, List.of(), anchors);
    }

    /// The same key and certificate for a listener that trusts other clients.
    public TlsMaterial with(List<X509Certificate> clientAnchors, ClientRules rules) {
        return new TlsMaterial(key, chain, clientAnchors, rules);
    }
}
