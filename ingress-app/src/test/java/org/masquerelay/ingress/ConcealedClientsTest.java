package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.concealed.ConcealedKey;
import org.masquerelay.concealed.ConcealedSigner;
import org.masquerelay.concealed.RequestOrigin;
import org.masquerelay.testkit.WireRequest;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.KeyExporter;

/// Concealed authentication (RFC 9729) as the only scheme in force: who has a key gets in, and to
/// everybody else there is nothing.
final class ConcealedClientsTest {
    private static final int ADMITTED = 502;
    private static final KeyPair KNOWN = ClientKeysApp.newKey();
    private static final KeyPair STRANGER = ClientKeysApp.newKey();
    private static final RequestOrigin ORIGIN = new RequestOrigin("https", "localhost", 443);
    private static final String TUNNEL = "/.well-known/masque/udp/192.0.2.1/53/";
    private static final String NOTHING = "/.well-known/masque/xyz/192.0.2.1/53/";

    @TempDir static Path home;

    private static ClientKeysApp app;

    @BeforeAll
    static void start() throws Exception {
        app =
                new ClientKeysApp(
                        home,
                        "--relay.auth.admit=concealed",
                        "--relay.auth.concealed.keys[0].id=basement",
                        "--relay.auth.concealed.keys[0].tenant=t1",
                        "--relay.auth.concealed.keys[0].key="
                                + ClientKeysApp.setting(home, "key.pem", KNOWN.getPublic()));
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    private static String proof(KeyExporter exporter, String id, KeyPair pair) {
        return proof(exporter, id, pair, ORIGIN);
    }

    private static String proof(
            KeyExporter exporter, String id, KeyPair pair, RequestOrigin origin) {
        var key =
                ConcealedKey.of(
                        ImmutableBytes.copyOf(id.getBytes(StandardCharsets.UTF_8)),
                        pair.getPublic());
        return new ConcealedSigner(key, pair.getPrivate(), "")
                .authorization(exporter, origin)
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void whoHasAKeyGetsIn(HttpVersion version) throws Exception {
        assertThat(
                        app.status(
                                version,
                                it ->
                                        WireRequest.udpPath(TUNNEL)
                                                .with(
                                                        "authorization",
                                                        proof(it, "basement", KNOWN))))
                .isEqualTo(ADMITTED);
        assertThat(
                        app.status(
                                version,
                                it ->
                                        WireRequest.tcp("192.0.2.1:443")
                                                .with(
                                                        "proxy-authorization",
                                                        proof(
                                                                it,
                                                                "basement",
                                                                KNOWN,
                                                                new RequestOrigin(
                                                                        "https",
                                                                        "192.0.2.1",
                                                                        443)))))
                .isEqualTo(ADMITTED);
    }

    @ParameterizedTest
    @EnumSource
    void whoHasAKeyIsToldOfAPathThatLeadsNowhere(HttpVersion version) throws Exception {
        assertThat(
                        app.status(
                                version,
                                it ->
                                        WireRequest.udpPath(NOTHING)
                                                .with(
                                                        "authorization",
                                                        proof(it, "basement", KNOWN))))
                .isEqualTo(404);
    }

    /// What may be sent by somebody who has no key, or does not use it right.
    enum Attempt {
        ABSENT(_ -> Optional.empty()),
        OTHER_SCHEME(_ -> Optional.of("Bearer abc")),
        MALFORMED(_ -> Optional.of("Concealed k=YmFzZW1lbnQ, a=YQ, s=02055, v=YQ, p=YQ")),
        INCOMPLETE(_ -> Optional.of("Concealed k=YmFzZW1lbnQ")),
        UNKNOWN_KEY(it -> Optional.of(proof(it, "attic", STRANGER))),
        WRONG_KEY(it -> Optional.of(proof(it, "basement", STRANGER))),
        OF_ANOTHER_CONNECTION(it ->
                Optional.of(
                        proof(
                                (label, context, length) -> Optional.of(new byte[length]),
                                "basement",
                                KNOWN))),
        FOR_ANOTHER_HOST(it ->
                Optional.of(
                        proof(
                                it,
                                "basement",
                                KNOWN,
                                new RequestOrigin("https", "other.example", 443)))),
        ALTERED(it -> Optional.of(proof(it, "basement", KNOWN).replaceFirst("p=....", "p=AAAA")));

        @SuppressWarnings("ImmutableEnumChecker") // A function keeps nothing.
        private final Function<KeyExporter, Optional<String>> field;

        Attempt(Function<KeyExporter, Optional<String>> field) {
            this.field = field;
        }

        WireRequest on(WireRequest request, KeyExporter exporter) {
            return field.apply(exporter)
                    .map(value -> request.with("authorization", value))
                    .orElse(request);
        }
    }

    record Probe(HttpVersion version, Attempt attempt) {}

    static Stream<Probe> probes() {
        var all = new ArrayList<Probe>();
        for (var version : HttpVersion.values()) {
            for (var attempt : Attempt.values()) {
                all.add(new Probe(version, attempt));
            }
        }
        return all.stream();
    }

    /// Each of the second is asked like the first, which is nothing.
    private static final List<List<WireRequest>> LOOK_THE_SAME =
            List.of(
                    List.of(
                            WireRequest.udpPath(NOTHING),
                            WireRequest.udpPath(TUNNEL),
                            WireRequest.udpPath("/.well-known/masque/udp/192.0.2.1/0/"),
                            WireRequest.udpPath("/.well-known/masque/udp/;a/53/"),
                            WireRequest.udpPath("/.well-known/masque/udp/%zz/53/"),
                            WireRequest.udpPath("/.well-known/masque/udp/%0a/53/")),
                    List.of(
                            WireRequest.udpPath(NOTHING).with("capsule-protocol", "?1"),
                            WireRequest.udpPath(TUNNEL).with("capsule-protocol", "?1")),
                    List.of(
                            WireRequest.udpPath(NOTHING).with("expect", "100-continue"),
                            WireRequest.udpPath(TUNNEL).with("expect", "100-continue")),
                    List.of(
                            WireRequest.udpPath(NOTHING).withProtocol("connect-tcp"),
                            WireRequest.udpPath("/.well-known/masque/tcp/192.0.2.1/443/")
                                    .withProtocol("connect-tcp")));

    @ParameterizedTest(name = "{0}")
    @MethodSource("probes")
    void toEverybodyElseThereIsNothingByteForByte(Probe probe) throws Exception {
        for (var group : LOOK_THE_SAME) {
            var nothing = app.ask(probe.version(), it -> probe.attempt().on(group.getFirst(), it));
            assertThat(nothing).contains("404");
            assertThat(nothing.toLowerCase(java.util.Locale.ROOT)).doesNotContain("authenticate");
            for (var request : group) {
                assertThat(app.ask(probe.version(), it -> probe.attempt().on(request, it)))
                        .as(request.path())
                        .isEqualTo(nothing);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anOrdinaryRequestFindsNothingEither(HttpVersion version) throws Exception {
        var nothing = plain(version, NOTHING);
        assertThat(nothing).contains("404");
        assertThat(plain(version, TUNNEL)).isEqualTo(nothing);
        assertThat(plain(version, "/.well-known/masque/tcp/192.0.2.1/443/")).isEqualTo(nothing);
    }

    private static String plain(HttpVersion version, String path) throws Exception {
        return app.askWhole(version, WireRequest.plain("GET", path));
    }
}
