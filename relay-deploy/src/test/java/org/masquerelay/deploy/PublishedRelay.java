package org.masquerelay.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.cli.token.TokenFetcher;
import org.masquerelay.client.RelayClient;
import org.masquerelay.http.Transports;
import org.masquerelay.pki.Pem;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// An ingress in a container as a client on this machine sees it, and the issuer that it pays with.
record PublishedRelay(ConnectedRelay relay, ConnectedRelay issuer, PaidTunnels tunnels)
        implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /// @param ca what signs the certificates of both
    static PublishedRelay connect(int port, int issuerPort, Path ca) throws IOException {
        var trust = TlsMaterial.trusting(Pem.certificates(Files.readString(ca)));
        var at = new HostPort("localhost", issuerPort);
        var issuer = connect(at, trust);
        var origin = new HostPort("localhost", port);
        try {
            var relay = connect(origin, trust);
            var fetcher =
                    new TokenFetcher(
                            issuer, at, origin, Clock.systemUTC(), TokenFetcher.PREFERENCE);
            return new PublishedRelay(relay, issuer, new PaidTunnels(relay, fetcher));
        } catch (IOException e) {
            issuer.close();
            throw e;
        }
    }

    private static ConnectedRelay connect(HostPort at, TlsMaterial trust) throws IOException {
        return ConnectedRelay.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", at.port()),
                        at.host(),
                        trust,
                        UriTemplate.UDP,
                        TIMEOUT,
                        Transports.H3));
    }

    @Override
    public void close() {
        relay.close();
        issuer.close();
    }
}
