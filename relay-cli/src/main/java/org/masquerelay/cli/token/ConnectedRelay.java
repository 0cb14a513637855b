package org.masquerelay.cli.token;

import java.io.IOException;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// A relay at the other end of one connection.
public record ConnectedRelay(RelayClient client) implements RelayConnection {
    public static ConnectedRelay connect(RelayClient.Settings settings) throws IOException {
        return new ConnectedRelay(RelayClient.connect(settings));
    }

    @Override
    public TcpTunnel openTcp(HostPort target, HeaderFields fields) throws IOException {
        return client.openTcp(target, fields);
    }

    @Override
    public UdpTunnel openUdp(HostPort target, HeaderFields fields) throws IOException {
        return client.openUdp(target, fields);
    }

    @Override
    public PlainResponse request(String method, String path, HeaderFields fields, byte[] body)
            throws IOException {
        return client.request(method, path, fields, body);
    }

    @Override
    public void close() {
        client.close();
    }
}
