package org.masquerelay.cli.token;

import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.masquerelay.client.Passage;
import org.masquerelay.client.Passages;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A relay at the other end of one connection, which may travel within one to another relay.
///
/// @param outer the relay that the connection leads through; empty when it is reached directly
public record ConnectedRelay(RelayClient client, Optional<ConnectedRelay> outer)
        implements RelayConnection {
    private static final Logger LOGGER = LoggerFactory.getLogger(ConnectedRelay.class);

    public static ConnectedRelay connect(RelayClient.Settings settings) throws IOException {
        var relay = new ConnectedRelay(RelayClient.connect(settings), Optional.empty());
        relay.logVersion("the relay is reached");
        return relay;
    }

    /// Nested mode: what is returned is the egress, to which the ingress only passes packets on.
    ///
    /// Each of the two is paid by itself. The ingress's tokens are fetched over the connection to
    /// the ingress, the egress's over the one within it, and neither sees the other's.
    ///
    /// @throws org.masquerelay.client.TunnelRefusedException when the ingress does not lead there
    public static ConnectedRelay connectNested(
            RelayClient.Settings ingress, RelayClient.Settings egress) throws IOException {
        var outer = connect(ingress);
        var passages = new PaidPassages(outer, ingress, egress.relay());
        boolean reached = false;
        try {
            var inner = RelayClient.connectInside(outer.client(), egress, passages);
            reached = true;
            LOGGER.info("the egress is reached within that connection");
            return new ConnectedRelay(inner, Optional.of(outer));
        } catch (IOException failure) {
            throw passages.explain(failure);
        } finally {
            if (!reached) {
                outer.close();
            }
        }
    }

    /// UDP tunnels to an egress, each paid for with a token of the ingress.
    private static final class PaidPassages implements Passages {
        private final ConnectedRelay ingress;
        private final PaidTunnels tunnels;
        private final HostPort egress;
        private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

        PaidPassages(ConnectedRelay ingress, RelayClient.Settings settings, HostPort egress) {
            this.ingress = ingress;
            this.egress = egress;
            var origin = new HostPort(settings.serverName(), settings.relay().port());
            tunnels =
                    new PaidTunnels(ingress, new TokenFetcher(ingress, origin, Clock.systemUTC()));
        }

        @Override
        public Passage open() throws IOException {
            try {
                return tunnels.open(fields -> ingress.client().openPassage(egress, fields));
            } catch (IOException e) {
                failure.set(e);
                throw e;
            }
        }

        /// What the ingress has answered, which says more than that there is no connection.
        IOException explain(IOException noConnection) {
            var cause = failure.get();
            return cause == null ? noConnection : cause;
        }
    }

    /// The HTTP version between here and the first relay; empty when it has just been lost.
    public Optional<HttpVersion> version() {
        if (outer.isPresent()) {
            return outer.get().version();
        }
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
        outer.ifPresent(ConnectedRelay::close);
    }
}
