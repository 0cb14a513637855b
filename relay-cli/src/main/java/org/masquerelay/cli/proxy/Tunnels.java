package org.masquerelay.cli.proxy;

import java.io.IOException;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.wire.HostPort;

/// Where the tunnels of clients come from. Used by many threads at once.
public interface Tunnels {
    /// @throws org.masquerelay.client.TunnelRefusedException when the relay says no
    /// @throws java.net.SocketTimeoutException when it says nothing
    TcpTunnel openTcp(HostPort target) throws IOException;

    /// @throws org.masquerelay.client.TunnelRefusedException when the relay says no
    /// @throws java.net.SocketTimeoutException when it says nothing
    UdpTunnel openUdp(HostPort target) throws IOException;
}
