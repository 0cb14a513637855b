package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.signature.MessageSigner;
import org.masquerelay.signature.SignatureFaultException;
import org.masquerelay.signature.SignatureRequirements;
import org.masquerelay.signature.SignedMessage;
import org.masquerelay.testkit.WireRequest;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// HTTP Message Signatures (RFC 9421) over every HTTP version.
final class SignedClientsTest {
    private static final int ADMITTED = 502;
    private static final KeyPair KNOWN = ClientKeysApp.newKey();
    private static final KeyPair STRANGER = ClientKeysApp.newKey();
    private static final SignatureRequirements REQUIREMENTS =
            new SignatureRequirements(
                    "masque-relay", Duration.ofSeconds(60), Duration.ofSeconds(5), List.of());
    private static final WireRequest UDP =
            WireRequest.udp("192.0.2.1", 53).with("capsule-protocol", "?1");
    private static final WireRequest TCP = WireRequest.tcp("192.0.2.1:443");

    @TempDir static Path home;

    private static ClientKeysApp app;

    @BeforeAll
    static void start() throws Exception {
        app =
                new ClientKeysApp(
                        home,
                        "--relay.auth.admit=signature",
                        "--relay.auth.signature.keys[0].id=laptop",
                        "--relay.auth.signature.keys[0].tenant=t1",
                        "--relay.auth.signature.keys[0].algorithm=ed25519",
                        "--relay.auth.signature.keys[0].key="
                                + ClientKeysApp.setting(home, "key.pem", KNOWN.getPublic()));
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    private static WireRequest signed(
            WireRequest request, HttpVersion version, String keyId, KeyPair pair, Instant now) {
        var fields = HeaderFields.NONE;
        for (int i = 0; i < request.fields().size(); i += 2) {
            fields = fields.with(request.fields().get(i), request.fields().get(i + 1));
        }
        boolean upgrade = version == HttpVersion.H1 && request.protocol() != null;
        var message =
                new SignedMessage.Request(
                        upgrade ? "GET" : request.method(),
                        request.scheme(),
                        request.authority(),
                        request.path(),
                        fields);
        var signer =
                new MessageSigner(
                        keyId,
                        pair.getPrivate(),
                        REQUIREMENTS,
                        Duration.ofSeconds(60),
                        InstantSource.fixed(now),
                        new SecureRandom());
        try {
            var all = signer.sign(message).lines();
            var result = request;
            for (var line : all.subList(all.size() - 2, all.size())) {
                result = result.with(line.name(), line.value());
            }
            return result;
        } catch (SignatureFaultException e) {
            throw new IllegalStateException(e);
        }
    }

    private static WireRequest signed(WireRequest request, HttpVersion version) {
        return signed(request, version, "laptop", KNOWN, Instant.now());
    }

    private static WireRequest replaced(WireRequest request, String old, String fresh) {
        return new WireRequest(
                request.method(),
                request.protocol(),
                request.scheme(),
                request.authority(),
                request.path(),
                request.fields().stream().map(each -> each.replace(old, fresh)).toList());
    }

    private interface Signing {
        WireRequest of(WireRequest request, HttpVersion version);
    }

    private enum Presented {
        RIGHT(ADMITTED, SignedClientsTest::signed),
        ABSENT(401, (request, _) -> request),
        MALFORMED(
                401, (request, version) -> replaced(signed(request, version), "relay=:", "relay=")),
        HALF(401, (request, _) -> request.with("signature", "relay=:AA==:")),
        ANOTHER_TAG(
                401,
                (request, version) ->
                        replaced(signed(request, version), "masque-relay", "someone-else")),
        WRONG_KEY(
                403,
                (request, version) -> signed(request, version, "laptop", STRANGER, Instant.now())),
        UNKNOWN_KEY(
                403,
                (request, version) -> signed(request, version, "phone", STRANGER, Instant.now())),
        ALTERED(
                403,
                (request, version) -> replaced(signed(request, version), "nonce=\"", "nonce=\"x")),
        EXPIRED(
                401,
                (request, version) ->
                        signed(request, version, "laptop", KNOWN, Instant.now().minusSeconds(100)));

        private final int status;

        @SuppressWarnings("ImmutableEnumChecker") // A function keeps nothing.
        private final Signing signing;

        Presented(int status, Signing signing) {
            this.status = status;
            this.signing = signing;
        }
    }

    record Case(HttpVersion version, WireRequest request, Presented presented) {
        @Override
        public String toString() {
            return version + " " + (request.protocol() == null ? "tcp" : "udp") + " " + presented;
        }
    }

    static Stream<Case> cases() {
        var all = new ArrayList<Case>();
        for (var version : HttpVersion.values()) {
            for (var presented : Presented.values()) {
                all.add(new Case(version, UDP, presented));
                all.add(new Case(version, TCP, presented));
            }
        }
        return all.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void judgesWhatIsPresented(Case one) throws Exception {
        var request = one.presented().signing.of(one.request(), one.version());
        // A classic CONNECT is asked as a proxy asks.
        int expected =
                one.presented().status == 401 && one.request().protocol() == null
                        ? 407
                        : one.presented().status;
        assertThat(app.status(one.version(), _ -> request)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void aSignatureOpensOneTunnel(HttpVersion version) throws Exception {
        var request = signed(UDP, version);
        assertThat(app.status(version, _ -> request)).isEqualTo(ADMITTED);
        assertThat(app.status(version, _ -> request)).isEqualTo(401);
    }

    @Test
    void asksForASignature() throws Exception {
        assertThat(app.ask(HttpVersion.H1, _ -> UDP))
                .startsWith("HTTP/1.1 401 ")
                .containsIgnoringCase("www-authenticate: Signature realm=\"masque-relay\"")
                .containsPattern(
                        "(?i)accept-signature: relay=\\(\"@method\" \"@authority\" \"@path\""
                                + " \"capsule-protocol\"\\);created;expires;nonce=\"[\\w-]{22}\";"
                                + "tag=\"masque-relay\"\r\n");
        assertThat(app.ask(HttpVersion.H1, _ -> TCP))
                .startsWith("HTTP/1.1 407 ")
                .containsIgnoringCase("proxy-authenticate: Signature")
                .containsIgnoringCase("accept-signature: relay=(\"@method\" \"@authority\");");
    }
}
