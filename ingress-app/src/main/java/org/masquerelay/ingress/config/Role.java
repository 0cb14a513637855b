package org.masquerelay.ingress.config;

/// What this process is for.
public enum Role {
    /// The first hop.
    INGRESS,
    /// A token issuer, without any tunnels.
    ISSUER
}
