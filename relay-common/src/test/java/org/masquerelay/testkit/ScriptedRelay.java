package org.masquerelay.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// A relay that answers what a test tells it, right or wrong, for one connection over any HTTP
/// version. Blocks.
public interface ScriptedRelay extends AutoCloseable {
    /// RFC 8441, section 3.
    long ENABLE_CONNECT_PROTOCOL = 0x08;

    static ScriptedRelay start(HttpVersion version, TlsMaterial tls) throws IOException {
        return switch (version) {
            case H1 -> new ScriptedH1Relay(tls);
            case H2 -> startH2(tls, ENABLE_CONNECT_PROTOCOL, 1);
            case H3 -> RawH3Server.start(tls);
        };
    }

    /// Over HTTP/2 with these SETTINGS: identifiers and values in turn.
    static ScriptedRelay startH2(TlsMaterial tls, long... settings) throws IOException {
        return new ScriptedH2Relay(tls, RawH2Options.STANDARD.withSettings(settings));
    }

    InetSocketAddress address();

    /// The next request.
    Incoming next() throws IOException, InterruptedException;

    @Override
    void close();

    /// A request.
    interface Incoming {
        /// The request target of HTTP/1.1, or `:path`.
        String path();

        /// With the pseudo-header fields of HTTP/2 and HTTP/3.
        HeaderFields fields();

        /// Answers a head of this status, or 101 instead of 200 over HTTP/1.1, with these names and
        /// values in turn. Over HTTP/1.1 it has what an upgrade needs.
        void answer(int status, String... namesAndValues) throws IOException;

        void send(byte[] content) throws IOException, InterruptedException;

        byte[] bytes(int count) throws IOException, InterruptedException;

        /// Ends our side cleanly.
        void finish() throws IOException;

        /// Resets the stream with an error code of its HTTP version; over HTTP/1.1 the connection.
        void reset(long code) throws IOException;

        /// Waits for the client to give the request up: its error code; -1 over HTTP/1.1, where the
        /// connection ends.
        long awaitReset() throws IOException, InterruptedException;
    }
}
