package org.masquerelay.cli.token;

import java.io.IOException;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// What is asked of a relay: tunnels, and ordinary requests to its origin.
public interface Relay {
    /// Opens a TCP tunnel.
    ///
    /// @throws org.masquerelay.client.TunnelRefusedException when the answer is not 2xx
    TcpTunnel openTcp(HostPort target, HeaderFields fields) throws IOException;

    /// Opens a UDP tunnel.
    ///
    /// @throws org.masquerelay.client.TunnelRefusedException when the answer is not 2xx
    UdpTunnel openUdp(HostPort target, HeaderFields fields) throws IOException;

    /// Sends an ordinary request to the relay's origin.
    PlainResponse request(String method, String path, HeaderFields fields, byte[] body)
            throws IOException;
}
