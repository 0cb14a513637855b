package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.http.Transports;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.pki.Pem;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// Limits of the egress for tenants whom it does not know, and clients that come to it directly.
@Timeout(180)
final class TenantsTest {
    private static final ClientCa CA = ClientCa.root("clients");

    @TempDir Path directory;

    @Test
    void limitsTheTunnelsOfATenantThroughTheIngress() throws Exception {
        try (var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                List.of(
                                        "--relay.egress.allow-private=true",
                                        "--relay.egress.tenant=required",
                                        "--relay.egress.max-tunnels-per-tenant=1"),
                                List.of(
                                        "--relay.auth.admit=mtls",
                                        "--relay.listeners[0].client-auth=want",
                                        "--relay.listeners[0].client-trust=file:" + authority()));
                var alice = connect(hops.clientSettings(), client("alice"), HttpVersion.H3);
                var aliceElsewhere =
                        connect(hops.clientSettings(), client("alice"), HttpVersion.H1);
                var bob = connect(hops.clientSettings(), client("bob"), HttpVersion.H2)) {
            try (var tunnel = alice.openUdp(targets.udp(), HeaderFields.NONE)) {
                tunnel.send(new byte[] {1});
                assertThat(tunnel.receive(Duration.ofSeconds(10))).isPresent();

                var refused =
                        catchThrowableOfType(
                                TunnelRefusedException.class,
                                () -> aliceElsewhere.openTcp(targets.tcp(), HeaderFields.NONE));
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.fields().first("retry-after")).contains("30");
                bob.openTcp(targets.tcp(), HeaderFields.NONE).close();
            }
            Await.until("alice has a place again", () -> opens(aliceElsewhere, targets));
        }
    }

    @Test
    void believesNoClientAboutItsTenant() throws Exception {
        var forged = ":" + "A".repeat(404) + ":";
        try (var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                List.of(
                                        "--relay.egress.allow-private=true",
                                        "--relay.egress.tenant=required"),
                                List.of("--relay.auth.admit=anybody"));
                var relay = hops.connect()) {
            var refused =
                    catchThrowableOfType(
                            TunnelRefusedException.class,
                            () ->
                                    relay.openTcp(
                                            targets.tcp(),
                                            HeaderFields.of("relay-tenant", forged)));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(
                            hops.egressMeters().find("masque.tenant.rejected").counters().stream()
                                    .mapToDouble(counter -> counter.count())
                                    .sum())
                    .as("fields that came to the egress")
                    .isZero();

            var direct = settings(hops, pki().ingressUpstream(), HttpVersion.H3);
            try (var client = RelayClient.connect(direct)) {
                var unbelieved =
                        catchThrowableOfType(
                                TunnelRefusedException.class,
                                () ->
                                        client.openTcp(
                                                targets.tcp(),
                                                HeaderFields.of("relay-tenant", forged)));
                assertThat(unbelieved.status()).isEqualTo(403);
            }
            assertThat(
                            hops.egressMeters()
                                    .get("masque.tenant.rejected")
                                    .tag("reason", "malformed")
                                    .counter()
                                    .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void asksClientsForCredentialsThatAreNoRelays() throws Exception {
        try (var targets = new Targets();
                var hops =
                        TwoHops.start(
                                directory,
                                List.of(
                                        "--relay.egress.allow-private=true",
                                        "--relay.egress.clients=gated",
                                        "--relay.egress.max-tunnels-per-tenant=1",
                                        "--relay.auth.admit=mtls,token",
                                        "--relay.auth.issuer-name=egress.example",
                                        "--relay.listeners[0].client-trust=file:" + authority()),
                                List.of("--relay.auth.admit=anybody"))) {
            try (var relay = hops.connect()) {
                relay.openTcp(targets.tcp(), HeaderFields.NONE).close();
            }
            for (var version : HttpVersion.values()) {
                var stranger = ClientCa.root("clients").issue(Client.of("alice"), servers());
                for (var nobody : List.of(pki().client(), stranger)) {
                    try (var client = RelayClient.connect(settings(hops, nobody, version))) {
                        var refused =
                                catchThrowableOfType(
                                        TunnelRefusedException.class,
                                        () -> client.openUdp(targets.udp(), HeaderFields.NONE));
                        assertThat(refused.status()).isEqualTo(401);
                        assertThat(refused.fields().first("www-authenticate").orElseThrow())
                                .startsWith("PrivateToken challenge=");
                    }
                }
                try (var relay =
                                RelayClient.connect(
                                        settings(hops, pki().ingressUpstream(), version));
                        var named = RelayClient.connect(settings(hops, client("carol"), version))) {
                    relay.openTcp(targets.tcp(), HeaderFields.NONE).close();
                    var first = named.openTcp(targets.tcp(), HeaderFields.NONE);
                    var second =
                            catchThrowableOfType(
                                    TunnelRefusedException.class,
                                    () -> named.openTcp(targets.tcp(), HeaderFields.NONE));
                    assertThat(second.status()).isEqualTo(429);
                    first.close();
                    Await.until("carol has a place again", () -> opens(named, targets));
                }
            }
            try (var relay = hops.connectToEgress()) {
                hops.payingEgress(relay).openTcp(targets.tcp()).close();
            }
        }
    }

    private static boolean opens(RelayClient relay, Targets targets) {
        try {
            relay.openTcp(targets.tcp(), HeaderFields.NONE).close();
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private Path authority() throws Exception {
        return Files.writeString(
                directory.resolve("clients.crt"), Pem.text(List.of(CA.certificate())));
    }

    private DevelopmentPki pki() throws Exception {
        return DevelopmentPki.open(directory, Clock.systemUTC());
    }

    private List<X509Certificate> servers() throws Exception {
        return pki().client().anchors();
    }

    private TlsMaterial client(String name) throws Exception {
        return CA.issue(Client.of(name), servers());
    }

    private static RelayClient connect(
            RelayClient.Settings settings, TlsMaterial tls, HttpVersion version) throws Exception {
        return RelayClient.connect(
                new RelayClient.Settings(
                        settings.relay(),
                        settings.serverName(),
                        tls,
                        settings.udpTemplate(),
                        settings.timeout(),
                        Transports.only(version)));
    }

    /// Of the egress.
    private static RelayClient.Settings settings(
            TwoHops hops, TlsMaterial tls, HttpVersion version) {
        return new RelayClient.Settings(
                new HostPort("127.0.0.1", hops.egressPort()),
                "localhost",
                tls,
                UriTemplate.UDP,
                Duration.ofSeconds(20),
                Transports.only(version));
    }
}
