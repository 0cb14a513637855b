package org.masquerelay.transport;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/// Whose code does TLS over TCP. QUIC brings its own.
public enum TlsProvider {
    /// BoringSSL where it can be loaded, else the JDK.
    AUTO,
    JDK;

    SslProvider choice() {
        return this == AUTO && OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
    }
}
