package org.masquerelay.http;

import io.netty.handler.ssl.ClientAuth;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Set;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.KeyExport;
import org.masquerelay.transport.TlsProvider;
import org.masquerelay.tunnel.HttpVersion;

/// How one listener behaves.
///
/// @param name the `listener` tag of meters
/// @param identifier how this relay calls itself in Proxy-Status
/// @param address where to listen, on UDP for HTTP/3 and on TCP for the others; port 0 takes a free
///   one
/// @param versions the HTTP versions spoken, at least one
/// @param offer what clients may ask for
/// @param limits what they get at most
/// @param connection windows, limits and timeouts of each QUIC and HTTP/2 connection
/// @param capsules what becomes of capsules
/// @param clientCertificates whether a client has to show one
/// @param tlsProvider whose code does TLS over TCP
public record FrontSettings(
        String name,
        String identifier,
        InetSocketAddress address,
        Set<HttpVersion> versions,
        Offer offer,
        FrontLimits limits,
        ConnectionSettings connection,
        CapsulePolicy capsules,
        ClientCertificates clientCertificates,
        TlsProvider tlsProvider) {

    public FrontSettings {
        versions = Set.copyOf(versions);
    }

    /// Every HTTP version and the standard offer, within the standard limits.
    public static FrontSettings standard(
            String identifier, InetSocketAddress address, ClientCertificates certificates) {
        return new FrontSettings(
                "main",
                identifier,
                address,
                EnumSet.allOf(HttpVersion.class),
                Offer.STANDARD,
                FrontLimits.STANDARD,
                ConnectionSettings.STANDARD,
                CapsulePolicy.STANDARD,
                certificates,
                TlsProvider.AUTO);
    }

    /// The keys of connections are exported only for authentication that needs it, since that has a
    /// cost for each handshake.
    KeyExport keyExport() {
        return offer.concealment() == Offer.Concealment.NONE ? KeyExport.OFF : KeyExport.ON;
    }

    public FrontSettings with(FrontLimits other) {
        return new FrontSettings(
                name,
                identifier,
                address,
                versions,
                offer,
                other,
                connection,
                capsules,
                clientCertificates,
                tlsProvider);
    }

    public FrontSettings with(ConnectionSettings other) {
        return new FrontSettings(
                name,
                identifier,
                address,
                versions,
                offer,
                limits,
                other,
                capsules,
                clientCertificates,
                tlsProvider);
    }

    public FrontSettings with(Offer other) {
        return new FrontSettings(
                name,
                identifier,
                address,
                versions,
                other,
                limits,
                connection,
                capsules,
                clientCertificates,
                tlsProvider);
    }

    public FrontSettings with(CapsulePolicy other) {
        return new FrontSettings(
                name,
                identifier,
                address,
                versions,
                offer,
                limits,
                connection,
                other,
                clientCertificates,
                tlsProvider);
    }

    public FrontSettings with(TlsProvider other) {
        return new FrontSettings(
                name,
                identifier,
                address,
                versions,
                offer,
                limits,
                connection,
                capsules,
                clientCertificates,
                other);
    }

    public FrontSettings speaking(Set<HttpVersion> others) {
        return new FrontSettings(
                name,
                identifier,
                address,
                others,
                offer,
                limits,
                connection,
                capsules,
                clientCertificates,
                tlsProvider);
    }

    /// What a listener wants of a client's certificate.
    public enum ClientCertificates {
        /// None is asked for.
        IGNORED,
        /// A client may show one. One that is not taken counts as none: its connection goes on
        /// without a name.
        WANTED,
        /// Only a client whose certificate the trust anchors sign gets a connection.
        REQUIRED;

        ClientAuth clientAuth() {
            return switch (this) {
                case IGNORED -> ClientAuth.NONE;
                case WANTED -> ClientAuth.OPTIONAL;
                case REQUIRED -> ClientAuth.REQUIRE;
            };
        }
    }
}
