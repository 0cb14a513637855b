package org.masquerelay.gate;

/// When a request without sufficient credentials is asked as a proxy asks: 407 and
/// Proxy-Authenticate (RFC 9110, section 11.7.1) instead of 401 and WWW-Authenticate.
public enum ProxyChallenge {
    /// For a classic CONNECT, and for every request that brought Proxy-Authorization. What browsers
    /// and curl understand.
    CONNECT,
    /// Only for a request that brought Proxy-Authorization.
    IN_KIND,
    /// Never.
    NEVER
}
