package org.masquerelay.concealed;

import java.security.PrivateKey;
import java.util.Optional;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.KeyExporter;

/// The client's side: makes the field value that proves a key on one connection ([RFC 9729, section
/// 3](https://datatracker.ietf.org/doc/html/rfc9729#section-3)).
///
/// The value is good for every request of the connection to that origin, and for no other
/// connection.
///
/// @param key what the relay knows
/// @param privateKey its other half
/// @param realm empty where none is configured
public record ConcealedSigner(ConcealedKey key, PrivateKey privateKey, String realm) {

    /// The value of Authorization, or of Proxy-Authorization; nothing where the connection cannot
    /// export.
    public Optional<String> authorization(KeyExporter exporter, RequestOrigin origin) {
        var context =
                ConcealedExport.context(
                        key.scheme().code(), key.id(), key.encoded(), origin, realm);
        return ConcealedExport.of(exporter, context)
                .map(export ->
                        new ConcealedCredentials(
                                key.id(),
                                key.encoded(),
                                key.scheme().code(),
                                export.verification(),
                                ImmutableBytes.copyOf(
                                        key.scheme().sign(privateKey, export.signed())),
                                realm))
                .map(ConcealedCredentials::format);
    }
}
