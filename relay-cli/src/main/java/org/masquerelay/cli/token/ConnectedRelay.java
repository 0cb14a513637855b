package org.masquerelay.cli.token;

import java.io.IOException;
import java.util.Optional;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A relay at the other end of one connection.
public record ConnectedRelay(RelayClient client) implements RelayConnection {
    private static final Logger LOGGER = LoggerFactory.getLogger(ConnectedRelay.class);

    public static ConnectedRelay connect(RelayClient.Settings settings) throws IOException {
        var relay = new ConnectedRelay(RelayClient.connect(settings));
        relay.logVersion("the relay is reached");
        return relay;
    }

    /// The HTTP version of the connection; empty when it has just been lost.
    public Optional<HttpVersion> version() {
        try {
            return client.version();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private void logVersion(String what) {
        if (LOGGER.isInfoEnabled()) {
            String version = version().map(HttpVersion::tag).orElse("what is lost already");
            LOGGER.info("{} over {}", what, version);
        }
    }

    @Override
    public TcpTunnel openTcp(HostPort target, HeaderFields fields) throws IOException {
        var tunnel = client.openTcp(target, fields);
        logVersion("a TCP tunnel is open");
        return tunnel;
    }

    @Override
    public UdpTunnel openUdp(HostPort target, HeaderFields fields) throws IOException {
        var tunnel = client.openUdp(target, fields);
        logVersion("a UDP tunnel is open");
        return tunnel;
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
