package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.gate.basic.Hashes;
import org.masquerelay.gate.jwt.JwtMint;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.testkit.TlsEnd;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// How an ingress that lets several schemes in asks for credentials: 401 and WWW-Authenticate (RFC
/// 9110, section 11.6.1), or 407 and Proxy-Authenticate (section 11.7.1).
@Timeout(60)
final class ChallengesTest {
    private static final String UDP = "/.well-known/masque/udp/target.test/7/";
    private static final String TCP = "/.well-known/masque/tcp/target.test/7/";
    private static final String BASIC = "Basic realm=\"the relay\", charset=\"UTF-8\"";
    private static final String BEARER = "Bearer realm=\"the relay\"";
    private static final String[] NOTHING = {};

    @TempDir static Path home;

    private static ConfigurableApplicationContext app;
    private static InetSocketAddress address;
    private static TlsMaterial tls;

    @BeforeAll
    static void start() throws Exception {
        var users = Files.writeString(home.resolve("users"), Hashes.line("alice", "one"));
        app =
                new SpringApplicationBuilder(IngressApp.class)
                        .run(
                                "--server.port=0",
                                "--relay.event-loops=1",
                                "--relay.drain.timeout=0s",
                                "--relay.development.directory=" + home,
                                "--relay.listeners[0].address=127.0.0.1",
                                "--relay.listeners[0].port=0",
                                "--relay.auth.admit=token,jwt,basic",
                                "--relay.auth.realm=the relay",
                                "--relay.auth.basic.users-file=" + users,
                                "--relay.auth.jwt.audience=relay.example",
                                "--relay.auth.jwt.jwk-set=" + JwtMint.of("ES256").keys());
        address = app.getBean(RelayLifecycle.class).addresses().getFirst();
        tls = DevelopmentPki.open(home, Clock.systemUTC()).client();
    }

    @AfterAll
    static void stop() {
        app.close();
        LeakPresenceDetector.check();
    }

    private static RawClient connect(HttpVersion version) throws Exception {
        return RawClient.connect(version, address, tls);
    }

    private static void assertAsks(RawTunnel.Head head, int status, String bearer) {
        boolean asProxy = status == 407;
        assertThat(head.status()).isEqualTo(status);
        var challenges = challenges(head.fields(), asProxy);
        assertThat(challenges).startsWith(bearer, BASIC);
        assertThat(challenges.subList(2, challenges.size()))
                .isNotEmpty()
                .allMatch(value -> value.startsWith("PrivateToken challenge="));
        assertThat(challenges(head.fields(), !asProxy)).isEmpty();
        assertThat(head.fields().first("proxy-status").orElseThrow())
                .startsWith("\"ingress\";error=http_request_error");
    }

    private static List<String> challenges(HeaderFields fields, boolean ofAProxy) {
        return fields.all(ofAProxy ? "proxy-authenticate" : "www-authenticate");
    }

    @DisplayName("9110 11.7.1: a classic CONNECT is asked as by a proxy, for every scheme")
    @ParameterizedTest
    @EnumSource
    void asksAConnectAsAProxy(HttpVersion version) throws Exception {
        try (var client = connect(version)) {
            assertAsks(client.connect("target.test:7").awaitHead(), 407, BEARER);
        }
    }

    static Stream<Arguments> templated() {
        return Stream.of(HttpVersion.values())
                .flatMap(version ->
                        Stream.of(
                                Arguments.of(version, "connect-udp", UDP),
                                Arguments.of(version, "connect-tcp", TCP)));
    }

    @DisplayName("9110 11.6.1: a templated request is asked as by an origin, for every scheme")
    @ParameterizedTest
    @MethodSource("templated")
    void asksATemplatedRequestAsAnOrigin(HttpVersion version, String token, String path)
            throws Exception {
        try (var client = connect(version)) {
            assertAsks(client.upgrade(token, path).awaitHead(), 401, BEARER);
        }
    }

    @DisplayName("9110 11.7.1: who brings Proxy-Authorization is asked in kind")
    @ParameterizedTest
    @MethodSource("templated")
    void asksInKind(HttpVersion version, String token, String path) throws Exception {
        try (var client = connect(version)) {
            var wrong = new String[] {"proxy-authorization", "Basic YWxpY2U6dHdv"};
            assertAsks(client.upgrade(token, path, wrong).awaitHead(), 407, BEARER);
        }
    }

    @DisplayName("6750 3: the scheme whose credentials were wrong says so, and no other")
    @ParameterizedTest
    @EnumSource
    void saysWhatWasWrong(HttpVersion version) throws Exception {
        var bad =
                BEARER + ", error=\"invalid_token\", error_description=\"the token is malformed\"";
        try (var client = connect(version)) {
            var wrong = new String[] {"authorization", "Bearer x"};
            assertAsks(client.upgrade("connect-udp", UDP, wrong).awaitHead(), 401, bad);
            assertAsks(client.connect("target.test:7", wrong).awaitHead(), 407, bad);
        }
    }

    private static void upgrade(RawH1Client client, String... more) throws Exception {
        client.request(
                Stream.concat(
                                Stream.of(
                                        "GET " + UDP + " HTTP/1.1",
                                        "Host: localhost",
                                        "Connection: Upgrade",
                                        "Upgrade: connect-udp",
                                        "Capsule-Protocol: ?1"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }

    @DisplayName("9931 8: a connection can be used after 401 to an upgrade")
    @Test
    void keepsTheConnectionAfterARefusedUpgrade() throws Exception {
        try (var client = RawH1Client.connect(address, tls)) {
            for (int i = 0; i < 3; i++) {
                upgrade(client, NOTHING);
                var head = client.awaitHead();
                assertThat(head.status()).isEqualTo(401);
                assertThat(head.fields().first("connection")).isNotEqualTo(Optional.of("close"));
                assertThat(head.fields().all("www-authenticate")).contains(BASIC, BEARER);
            }
            upgrade(client, "Proxy-Authorization: Basic YWxpY2U6dHdv");
            assertThat(client.awaitStatus()).isEqualTo(407);
            upgrade(client, NOTHING);
            assertThat(client.awaitStatus()).isEqualTo(401);
        }
    }

    @DisplayName("9931 8: a connection ends with 407 to a CONNECT")
    @Test
    void endsTheConnectionAfterARefusedConnect() throws Exception {
        try (var client = RawH1Client.connect(address, tls)) {
            client.request("CONNECT target.test:7 HTTP/1.1", "Host: target.test:7");
            var head = client.awaitHead();
            assertThat(head.status()).isEqualTo(407);
            assertThat(head.fields().first("connection")).contains("close");
            // What a client sends because it believes to be in the tunnel is no request.
            upgrade(client, NOTHING);
            assertThat(client.rest()).isEmpty();
            assertThat(client.awaitEnd()).isInstanceOf(TlsEnd.CloseNotify.class);
        }
    }
}
