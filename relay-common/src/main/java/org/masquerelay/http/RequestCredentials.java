package org.masquerelay.http;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.masquerelay.transport.KeyExport;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.KeyExporter;
import org.masquerelay.tunnel.RequestHead;

/// What a client shows a relay with each of its requests, such as a signature of the request or a
/// proof for its connection.
///
/// Made anew for each attempt: when a request is asked again, or of several connections at once, no
/// two have the same.
@FunctionalInterface
public interface RequestCredentials {
    /// Requests go as they are.
    RequestCredentials NONE = (request, _) -> Optional.of(request.fields());

    /// The fields of `request` with the credentials behind them; nothing where none can be made for
    /// this connection, and then nothing is sent. Called on the event loop of the connection.
    Optional<HeaderFields> on(RequestHead request, Line line);

    /// Gets ready for a request. Called before it, on the thread that asks, which may wait.
    ///
    /// @throws IOException when there are no credentials; the request fails with it
    default void refresh() throws IOException {}

    /// Whether [Line#exporter] is needed.
    default KeyExport keyExport() {
        return KeyExport.OFF;
    }

    /// Both: `next` sees the fields of this one.
    default RequestCredentials and(RequestCredentials next) {
        return new CredentialsPair(this, next);
    }

    /// The connection that a request goes over.
    ///
    /// @param exporter gives nothing unless [#keyExport] asks for it
    record Line(HttpVersion version, Supplier<Optional<KeyExporter>> exporter) {}
}
