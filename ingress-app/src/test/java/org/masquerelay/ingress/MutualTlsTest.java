package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.pki.Pem;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// Client certificates at an ingress. Nothing listens where its egress should be, so that a request
/// which may enter is answered with 502.
@Timeout(90)
final class MutualTlsTest {
    private static final int ENTERED = 502;
    private static final String TARGET = "target.example:443";

    private static final ClientCa CA = ClientCa.root("clients");
    private static final ClientCa BELOW = CA.intermediate("some clients");

    @TempDir static Path home;

    private static List<X509Certificate> servers;
    private static Path authorities;
    private static Path revocations;
    private static ConfigurableApplicationContext app;

    @BeforeAll
    static void start() throws Exception {
        servers = DevelopmentPki.open(home, Clock.systemUTC()).client().anchors();
        authorities = home.resolve("clients.crt");
        Files.writeString(authorities, Pem.text(List.of(CA.certificate())));
        revocations = home.resolve("clients.crl");
        revoke();
        app =
                run(
                        "relay.auth.admit=mtls",
                        "relay.listeners[0].client-auth=want",
                        "relay.listeners[0].client-trust=file:" + authorities,
                        "relay.listeners[0].client-crl=" + revocations,
                        "relay.listeners[1].name=strict",
                        "relay.listeners[1].port=0",
                        "relay.listeners[1].address=127.0.0.1",
                        "relay.listeners[1].client-auth=require",
                        "relay.listeners[1].client-trust=file:" + authorities,
                        "relay.listeners[1].client-directly-signed=true");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    private static void revoke(X509Certificate... revoked) throws Exception {
        var beside = home.resolve("clients.crl.new");
        Files.writeString(
                beside,
                "-----BEGIN X509 CRL-----\n"
                        + Base64.getMimeEncoder().encodeToString(CA.revoking(revoked).getEncoded())
                        + "\n-----END X509 CRL-----\n");
        Files.move(beside, revocations, StandardCopyOption.REPLACE_EXISTING);
    }

    private static TlsMaterial client(String commonName, String... names) {
        return CA.issue(Client.of(commonName, names), servers);
    }

    @ParameterizedTest
    @EnumSource
    void letsInWhoIsNamed(HttpVersion version) throws Exception {
        assertThat(status(version, client("alice"))).isEqualTo(ENTERED);
        assertThat(status(version, client("", "spiffe://example.org/a"))).isEqualTo(ENTERED);
        assertThat(status(version, BELOW.issue(Client.of("alice"), servers))).isEqualTo(ENTERED);
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhoIsNotNamed(HttpVersion version) throws Exception {
        assertThat(status(version, client("alice", "https://example.org/a"))).isEqualTo(403);
        assertThat(status(version, client("alice", "spiffe://a/b", "spiffe://a/c"))).isEqualTo(403);
        assertThat(status(version, client("alice and bob"))).isEqualTo(403);
    }

    @ParameterizedTest
    @EnumSource
    void refusesWithoutAChallengeWhoHasNoCertificateThatCounts(HttpVersion version)
            throws Exception {
        var strangers =
                List.of(
                        new TlsMaterial(null, List.of(), servers),
                        ClientCa.root("clients").issue(Client.of("alice"), servers),
                        CA.issue(Client.of("alice").expired(), servers));
        for (var stranger : strangers) {
            var head = head(version, 0, stranger);
            assertThat(head.status()).isEqualTo(403);
            assertThat(head.fields().first("proxy-status").orElseThrow())
                    .contains("a client certificate is needed");
            assertThat(head.fields().contains("www-authenticate")).isFalse();
            assertThat(head.fields().contains("proxy-authenticate")).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void failsTheHandshakeOfStrangersAtAStrictListener(HttpVersion version) throws Exception {
        assertThat(head(version, 1, client("alice")).status()).isEqualTo(ENTERED);
        var strangers =
                List.of(
                        new TlsMaterial(null, List.of(), servers),
                        ClientCa.root("clients").issue(Client.of("alice"), servers),
                        BELOW.issue(Client.of("alice"), servers));
        for (var stranger : strangers) {
            assertThatThrownBy(() -> head(version, 1, stranger))
                    .isNotInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void followsTheListOfRevokedCertificates() throws Exception {
        var client = client("mallory");
        assertThat(status(HttpVersion.H2, client)).isEqualTo(ENTERED);

        revoke(client.chain().getFirst());
        Await.until("mallory is revoked", () -> isRefused(client));
        for (var version : HttpVersion.values()) {
            assertThat(head(version, 0, client).fields().first("proxy-status").orElseThrow())
                    .as(version.tag())
                    .contains("the client certificate is revoked");
        }
        var stranger = ClientCa.root("clients").issue(Client.of("mallory"), servers);
        assertThat(head(HttpVersion.H2, 0, stranger).fields().first("proxy-status").orElseThrow())
                .contains("a client certificate is needed");
        revoke();
        Await.until("mallory is back", () -> !isRefused(client));
    }

    private static boolean isRefused(TlsMaterial client) {
        try {
            return status(HttpVersion.H2, client) == 403;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void saysInOneSentenceWhatIsWrong() throws Exception {
        var trust = "relay.listeners[0].client-trust=file:" + authorities;
        var want = "relay.listeners[0].client-auth=want";
        assertThat(failure("relay.auth.admit=mtls"))
                .contains("relay.auth.admit names mtls, but no listener asks clients for");
        assertThat(failure(want))
                .contains("relay.listeners[0].client-auth asks clients for certificates, but no");
        assertThat(failure(trust))
                .contains("relay.listeners[0].client-auth asks for no certificates, but others");
        assertThat(failure(want, "relay.listeners[0].client-trust=file:" + home.resolve("none")))
                .contains(
                        "relay.listeners[0].client-trust names a file that cannot be used: there");
        assertThat(failure(want, trust, "relay.listeners[0].client-crl=" + authorities))
                .contains("relay.listeners[0].client-crl names a file that cannot be used: it");
        assertThat(failure(want, "relay.listeners[0].client-trust=nothing"))
                .contains("names the SSL bundle \"nothing\", which is not defined");
        assertThat(failure("relay.upstream.tenant-key=AAAA"))
                .contains("relay.upstream.tenant-key has 3 bytes");
    }

    private static String failure(String... settings) {
        try (var started = run(settings)) {
            return "started";
        } catch (RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null
                    && !String.valueOf(cause.getMessage()).startsWith("relay.")) {
                cause = cause.getCause();
            }
            return String.valueOf(cause.getMessage());
        }
    }

    private static int status(HttpVersion version, TlsMaterial client) throws Exception {
        return head(version, 0, client).status();
    }

    private static RawTunnel.Head head(HttpVersion version, int listener, TlsMaterial client)
            throws Exception {
        var address = app.getBean(RelayLifecycle.class).addresses().get(listener);
        try (var raw = RawClient.connect(version, address, client)) {
            return raw.connect(TARGET).awaitHead();
        }
    }

    private static ConfigurableApplicationContext run(String... settings) {
        var all =
                new ArrayList<String>(
                        List.of(
                                "--server.port=0",
                                "--relay.listeners[0].port=0",
                                "--relay.listeners[0].address=127.0.0.1",
                                "--relay.event-loops=1",
                                "--relay.drain.timeout=0s",
                                "--relay.upstream.uri=https://localhost:9",
                                "--relay.development.directory=" + home));
        for (var setting : settings) {
            all.add("--" + setting);
        }
        return new SpringApplicationBuilder(IngressApp.class).run(all.toArray(String[]::new));
    }
}
