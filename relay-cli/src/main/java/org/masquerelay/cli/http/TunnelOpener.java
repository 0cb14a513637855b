package org.masquerelay.cli.http;

import java.io.IOException;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.wire.HostPort;

/// Opens the tunnel that a connection to a target consists of.
public interface TunnelOpener {
    TcpTunnel open(HostPort target) throws IOException;
}
