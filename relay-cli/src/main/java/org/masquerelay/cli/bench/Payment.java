package org.masquerelay.cli.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import org.masquerelay.cli.token.Challenges;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.cli.token.TokenFetcher;
import org.masquerelay.client.RelayClient;
import org.masquerelay.http.Transports;
import org.masquerelay.token.TokenType;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// What a tunnel is paid with.
sealed interface Payment extends AutoCloseable {
    /// The fields that pay for one tunnel.
    HeaderFields next() throws IOException;

    @Override
    void close();

    /// Fetches tokens over a connection of their own.
    static Payment withTokens(HostPort relay, TlsMaterial tls, HttpVersion version, TokenType type)
            throws IOException {
        var settings =
                new RelayClient.Settings(relay, relay.host(), tls, UriTemplate.UDP, Route.TIMEOUT)
                        .with(Transports.only(version));
        var connected = ConnectedRelay.connect(settings);
        try {
            var fetcher = new TokenFetcher(connected, relay, Clock.systemUTC(), List.of(type));
            return new Tokens(connected, fetcher, Challenges.askFor(connected));
        } catch (IOException | RuntimeException e) {
            connected.close();
            throw e;
        }
    }

    /// A name and the password of [Tenants] (RFC 7617).
    static Payment password(String tenant) {
        var pair = (tenant + ":" + Tenants.PASSWORD).getBytes(UTF_8);
        var value = "Basic " + Base64.getEncoder().encodeToString(pair);
        return new Credentials(HeaderFields.of("authorization", value));
    }

    /// The same for every tunnel.
    record Credentials(HeaderFields next) implements Payment {
        @Override
        public void close() {}
    }

    /// Where a client certificate is enough.
    record Free() implements Payment {
        @Override
        public HeaderFields next() {
            return HeaderFields.NONE;
        }

        @Override
        public void close() {}
    }

    /// One fresh token for each tunnel.
    record Tokens(ConnectedRelay relay, TokenFetcher fetcher, Challenges challenge)
            implements Payment {
        @Override
        public HeaderFields next() throws IOException {
            return PaidTunnels.payment(fetcher.fetch(challenge));
        }

        @Override
        public void close() {
            relay.close();
        }
    }
}
