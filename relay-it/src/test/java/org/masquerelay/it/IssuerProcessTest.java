package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.cli.token.Challenges;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.cli.token.TokenFetcher;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.http.Transports;
import org.masquerelay.ingress.IngressApp;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.token.issuance.IssuerKeySet.Rotation;
import org.masquerelay.token.keys.IssuerKeyStore;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// A token issuer that is no relay, and two hops that trust it by its directory.
@Timeout(180)
final class IssuerProcessTest {
    private static final byte[] NOTHING = {};

    @TempDir Path directory;

    private IssuerKeyStore keys;

    @BeforeEach
    void makeKeys() throws Exception {
        keys = IssuerKeyStore.pem(directory.resolve("issuer.pem"));
        // Times of keys are whole seconds, and of two keys of the same second either may come
        // first.
        rotate(Instant.now().minusSeconds(60));
    }

    @Test
    void issuesTokensOverEveryHttpVersionThatTheIngressTakes() throws Exception {
        try (var targets = new Targets();
                var issuer = issuer();
                var hops = hopsThatTrust(issuer, "--relay.egress.allow-private=true")) {
            for (var version : HttpVersion.values()) {
                try (var relay = hops.connect(version);
                        var at = connect(issuer, version)) {
                    var tunnels = new PaidTunnels(relay, fetcher(at, issuer));
                    try (var tunnel = tunnels.openTcp(targets.tcp())) {
                        tunnel.output().write("hello".getBytes(UTF_8));
                        assertThat(tunnel.input().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
                    }
                }
            }
        }
    }

    @Test
    void opensNoTunnels() throws Exception {
        try (var issuer = issuer()) {
            for (var version : HttpVersion.values()) {
                try (var at = connect(issuer, version)) {
                    var refused =
                            catchThrowableOfType(
                                    TunnelRefusedException.class,
                                    () ->
                                            at.openTcp(
                                                    new HostPort("localhost", 9),
                                                    HeaderFields.NONE));
                    assertThat(refused.status()).isEqualTo(404);
                }
            }
        }
    }

    @Test
    void givesAClientSoManyTokensAndNoMore() throws Exception {
        try (var issuer = issuer("--relay.issuer.limit.tokens=2", "--relay.issuer.limit.per=1h");
                var hops = hopsThatTrust(issuer);
                var relay = hops.connect();
                var at = connect(issuer, HttpVersion.H2)) {
            var challenges = Challenges.askFor(relay);
            var fetcher = fetcher(at, issuer);
            fetcher.fetch(challenges);
            fetcher.fetch(challenges);

            assertThatIOException()
                    .isThrownBy(() -> fetcher.fetch(challenges))
                    .withMessage("the issuer answered 429");
            var refused = at.request("POST", "/token-request", HeaderFields.NONE, NOTHING);
            assertThat(refused.fields().first("retry-after").map(Integer::valueOf).orElseThrow())
                    .isBetween(60, 1800);
            assertThat(at.request("GET", IssuerDirectory.PATH, HeaderFields.NONE, NOTHING).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void asksItsClientsWhoTheyAreIfToldTo() throws Exception {
        var hash =
                PasswordHash.of(
                        "secret", new PasswordHash.Cost(8 * 1024, 1, 1), new SecureRandom());
        var users = Files.writeString(directory.resolve("users"), "alice:" + hash.format() + "\n");
        try (var issuer =
                        issuer(
                                "--relay.issuer.attest=auth",
                                "--relay.auth.admit=basic",
                                "--relay.auth.basic.users-file=" + users,
                                "--relay.issuer.limit.tokens=1",
                                "--relay.issuer.limit.per=1h");
                var at = connect(issuer, HttpVersion.H3)) {
            var stranger = at.request("POST", "/token-request", HeaderFields.NONE, NOTHING);
            assertThat(stranger.status()).isEqualTo(401);
            assertThat(stranger.fields().first("www-authenticate").orElseThrow())
                    .startsWith("Basic ");

            var credentials = Base64.getEncoder().encodeToString("alice:secret".getBytes(UTF_8));
            var alice = HeaderFields.of("authorization", "Basic " + credentials);
            // No token request, but hers.
            assertThat(at.request("POST", "/token-request", alice, NOTHING).status())
                    .isEqualTo(415);
            assertThat(at.request("POST", "/token-request", alice, NOTHING).status())
                    .isEqualTo(429);
        }
    }

    @Test
    void changesItsKeysWhileItRunsAndTheIngressFollows() throws Exception {
        try (var issuer = issuer();
                var hops = hopsThatTrust(issuer);
                var relay = hops.connect();
                var at = connect(issuer, HttpVersion.H3)) {
            var old = fetcher(at, issuer).fetch(Challenges.askFor(relay));

            var next = rotate();

            awaitOffered(relay, List.of(next, old.tokenKeyId()));
            var fresh = fetcher(at, issuer).fetch(Challenges.askFor(relay));
            assertThat(fresh.tokenKeyId()).isEqualTo(next);
            assertTaken(relay, fresh);
            assertTaken(relay, old);
        }
    }

    @Test
    void anIngressFollowsTheKeyFileOfItsOwnIssuer() throws Exception {
        var file = directory.resolve("issuer.pem");
        try (var hops =
                        TwoHops.start(
                                directory, List.of(), List.of("--relay.issuer.key-file=" + file));
                var relay = hops.connect()) {
            var old = hops.fetcher(relay).fetch(Challenges.askFor(relay));

            var next = rotate();

            awaitOffered(relay, List.of(next, old.tokenKeyId()));
            var fresh = hops.fetcher(relay).fetch(Challenges.askFor(relay));
            assertThat(fresh.tokenKeyId()).isEqualTo(next);
            assertTaken(relay, fresh);
            assertTaken(relay, old);
        }
    }

    private static void awaitOffered(ConnectedRelay relay, List<Object> keyIds) throws Exception {
        var end = Instant.now().plusSeconds(60);
        while (!offered(relay).equals(keyIds)) {
            assertThat(Instant.now()).as("offered: %s", offered(relay)).isBefore(end);
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    /// The answer is of the egress, which refuses private targets.
    private static void assertTaken(ConnectedRelay relay, Token token) {
        var payment = PaidTunnels.payment(token);
        var refused =
                catchThrowableOfType(
                        TunnelRefusedException.class,
                        () -> relay.openTcp(new HostPort("localhost", 9), payment));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.fields().first("proxy-status").orElseThrow())
                .contains("destination_ip_prohibited");
    }

    private static List<Object> offered(ConnectedRelay relay) throws Exception {
        var ids = new ArrayList<Object>();
        for (PrivateTokenChallenge challenge : Challenges.askFor(relay).offered()) {
            ids.add(challenge.issuerKey().orElseThrow().tokenKeyId());
        }
        return ids;
    }

    /// The key id of a new key, for use at once, before the old ones.
    private Object rotate() throws Exception {
        return rotate(Instant.now());
    }

    private Object rotate(Instant now) throws Exception {
        var rotation = new Rotation(TokenType.BLIND_RSA, now, Duration.ofHours(1));
        var all = keys.update(before -> before.rotate(rotation, now, new SecureRandom()));
        return all.keys().getFirst().pair().publicKey().tokenKeyId();
    }

    private ConfigurableApplicationContext issuer(String... settings) {
        var all =
                new ArrayList<>(
                        List.of(
                                "--spring.config.location=classpath:relay-management.yml",
                                "--spring.jmx.enabled=false",
                                "--server.port=0",
                                "--relay.role=issuer",
                                "--relay.issuer.key-file=" + directory.resolve("issuer.pem"),
                                "--relay.development.directory=" + directory,
                                "--relay.drain.timeout=0s",
                                "--relay.listeners[0].name=main",
                                "--relay.listeners[0].address=127.0.0.1",
                                "--relay.listeners[0].port=0"));
        all.addAll(List.of(settings));
        return new SpringApplicationBuilder(IngressApp.class).run(all.toArray(String[]::new));
    }

    private TwoHops hopsThatTrust(ConfigurableApplicationContext issuer) {
        return hopsThatTrust(issuer, "--relay.egress.allow-private=false");
    }

    private TwoHops hopsThatTrust(ConfigurableApplicationContext issuer, String egress) {
        return TwoHops.start(
                directory,
                List.of(egress),
                List.of(
                        "--relay.auth.issuers-required=true",
                        "--relay.auth.issuers[0].name=localhost:" + port(issuer),
                        "--relay.auth.issuers[0].directory=https://localhost:"
                                + port(issuer)
                                + IssuerDirectory.PATH,
                        "--relay.auth.issuers[0].tls-bundle=issuer",
                        "--spring.ssl.bundle.pem.issuer.truststore.certificate="
                                + directory.resolve("server-ca.crt"),
                        "--relay.auth.directories.min-refresh=200ms",
                        "--relay.auth.directories.max-refresh=500ms"));
    }

    private ConnectedRelay connect(ConfigurableApplicationContext issuer, HttpVersion version)
            throws IOException {
        return ConnectedRelay.connect(
                new RelayClient.Settings(
                                new HostPort("127.0.0.1", port(issuer)),
                                "localhost",
                                DevelopmentPki.open(directory, Clock.systemUTC()).client(),
                                UriTemplate.UDP,
                                Duration.ofSeconds(20))
                        .with(Transports.only(version)));
    }

    private static TokenFetcher fetcher(ConnectedRelay at, ConfigurableApplicationContext issuer) {
        return new TokenFetcher(at, new HostPort("localhost", port(issuer)), Clock.systemUTC());
    }

    private static int port(ConfigurableApplicationContext app) {
        return app.getBean(RelayLifecycle.class).addresses().getFirst().getPort();
    }
}
