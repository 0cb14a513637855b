package org.masquerelay.transport;

import io.netty.handler.ssl.ClientAuth;
import java.util.function.Supplier;

/// The TLS of a listener.
///
/// @param material asked for at each connection
/// @param clientAuth whether a client has to show a certificate
/// @param keyExport whether [KeyExporters] knows its connections
public record ServerTls(
        Supplier<TlsMaterial> material, ClientAuth clientAuth, KeyExport keyExport) {}
