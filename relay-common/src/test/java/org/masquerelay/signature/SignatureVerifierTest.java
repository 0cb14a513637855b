package org.masquerelay.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.BareItem;

/// What R7 asks of a verifier on top of RFC 9421.
final class SignatureVerifierTest {
    private static final String TAG = "relay-tag";
    private static final Duration WINDOW = Duration.ofMinutes(2);
    private static final SignatureRequirements REQUIREMENTS =
            new SignatureRequirements(TAG, WINDOW, Duration.ofSeconds(5), List.of());
    private static final Map<SignatureAlgorithm, KeyPair> KEYS = keys();

    private Instant now = Instant.ofEpochSecond(1_700_000_000);
    private final InMemoryNonces nonces = new InMemoryNonces(100, () -> now);
    private final SignatureVerifier verifier = verifier(REQUIREMENTS);

    private SignatureVerifier verifier(SignatureRequirements requirements) {
        return new SignatureVerifier(
                id ->
                        SignatureAlgorithm.of(id)
                                .map(each -> VerificationKey.of(id, pair(each).getPublic())),
                requirements,
                nonces,
                () -> now);
    }

    private static Map<SignatureAlgorithm, KeyPair> keys() {
        try {
            var ec = KeyPairGenerator.getInstance("EC");
            ec.initialize(new ECGenParameterSpec("secp256r1"));
            var rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(2048);
            return Map.of(
                    SignatureAlgorithm.ED25519,
                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair(),
                    SignatureAlgorithm.ECDSA_P256_SHA256,
                    ec.generateKeyPair(),
                    SignatureAlgorithm.RSA_PSS_SHA512,
                    rsa.generateKeyPair());
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair pair(SignatureAlgorithm algorithm) {
        return Objects.requireNonNull(KEYS.get(algorithm));
    }

    private MessageSigner signer(SignatureAlgorithm algorithm) {
        return new MessageSigner(
                algorithm.token(),
                pair(algorithm).getPrivate(),
                REQUIREMENTS,
                Duration.ofSeconds(60),
                () -> now,
                new SecureRandom());
    }

    private static SignedMessage.Request request(@Nullable String path) {
        return new SignedMessage.Request(
                "CONNECT",
                path == null ? null : "https",
                path == null ? "target.example:443" : "relay.example:4443",
                path,
                path == null ? HeaderFields.NONE : HeaderFields.of("capsule-protocol", "?1"));
    }

    private static final SignedMessage.Request UDP =
            request("/.well-known/masque/udp/192.0.2.1/53/");

    private static SignedMessage.Request with(SignedMessage.Request request, HeaderFields fields) {
        return new SignedMessage.Request(
                request.method(), request.scheme(), request.authority(), request.path(), fields);
    }

    private SignedMessage.Request signed(
            SignatureAlgorithm algorithm, SignedMessage.Request request)
            throws SignatureFaultException {
        return with(request, signer(algorithm).sign(request));
    }

    private SignatureVerdict verdict(SignedMessage.Request request) {
        return verifier.verify(request).toCompletableFuture().join();
    }

    private static void assertRefused(SignatureVerdict verdict, SignatureFault fault) {
        assertThat(verdict).isEqualTo(new SignatureVerdict.Refused(fault));
    }

    @ParameterizedTest
    @EnumSource
    void acceptsWhatTheSignerMakesOnce(SignatureAlgorithm algorithm) throws Exception {
        for (var request : List.of(UDP, request(null), request("/v1/proxy?h=a.example&p=1"))) {
            var signed = signed(algorithm, request);
            assertThat(verdict(signed))
                    .isInstanceOfSatisfying(
                            SignatureVerdict.Verified.class,
                            verified ->
                                    assertThat(verified.key().id()).isEqualTo(algorithm.token()));
            assertRefused(verdict(signed), SignatureFault.REPLAYED);
        }
    }

    @Test
    void aRequestWithoutOurTagIsNotSigned() throws Exception {
        assertThat(verdict(UDP)).isEqualTo(new SignatureVerdict.Absent());
        assertThat(verdict(signedWith(it -> it.put("tag", new BareItem.Text("other")))))
                .isEqualTo(new SignatureVerdict.Absent());
        assertThat(verdict(signedWith(it -> it.remove("tag"))))
                .isEqualTo(new SignatureVerdict.Absent());
    }

    private SignedMessage.Request signedWith(Consumer<Map<String, BareItem>> change)
            throws SignatureFaultException {
        return signedOver(REQUIREMENTS.coverage(UDP), UDP, change);
    }

    private SignedMessage.Request signedOver(
            List<ComponentId> components,
            SignedMessage.Request request,
            Consumer<Map<String, BareItem>> change)
            throws SignatureFaultException {
        Map<String, BareItem> parameters = new LinkedHashMap<>();
        parameters.put("created", new BareItem.Whole(now.getEpochSecond()));
        parameters.put("expires", new BareItem.Whole(now.getEpochSecond() + 60));
        parameters.put("nonce", new BareItem.Text("n"));
        parameters.put("keyid", new BareItem.Text("ed25519"));
        parameters.put("tag", new BareItem.Text(TAG));
        change.accept(parameters);
        return with(
                request, signer(SignatureAlgorithm.ED25519).sign(request, components, parameters));
    }

    record Wrong(String name, SignatureFault fault, Consumer<Map<String, BareItem>> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Consumer<Map<String, BareItem>> later(String name, long seconds) {
        return it ->
                it.computeIfPresent(name, (_, old) -> new BareItem.Whole(created(it) + seconds));
    }

    private static long created(Map<String, BareItem> parameters) {
        return ((BareItem.Whole) Objects.requireNonNull(parameters.get("created"))).value();
    }

    static Stream<Wrong> wrongParameters() {
        return Stream.of(
                new Wrong(
                        "no created", SignatureFault.MISSING_PARAMETER, it -> it.remove("created")),
                new Wrong(
                        "no expires", SignatureFault.MISSING_PARAMETER, it -> it.remove("expires")),
                new Wrong("no nonce", SignatureFault.MISSING_PARAMETER, it -> it.remove("nonce")),
                new Wrong("no keyid", SignatureFault.MISSING_PARAMETER, it -> it.remove("keyid")),
                new Wrong(
                        "created in the future",
                        SignatureFault.CREATED_IN_THE_FUTURE,
                        later("created", 6)),
                new Wrong("too old", SignatureFault.TOO_OLD, later("created", -121)),
                new Wrong("expired", SignatureFault.EXPIRED, later("expires", -1)),
                new Wrong(
                        "unknown keyid",
                        SignatureFault.UNKNOWN_KEY,
                        it -> it.put("keyid", new BareItem.Text("stranger"))),
                new Wrong(
                        "another key's id",
                        SignatureFault.WRONG_SIGNATURE,
                        it -> it.put("keyid", new BareItem.Text("ecdsa-p256-sha256"))),
                new Wrong(
                        "alg of another key",
                        SignatureFault.WRONG_ALGORITHM,
                        it -> it.put("alg", new BareItem.Text("rsa-pss-sha512"))),
                new Wrong(
                        "alg that nobody knows",
                        SignatureFault.WRONG_ALGORITHM,
                        it -> it.put("alg", new BareItem.Text("none"))),
                new Wrong(
                        "created as text",
                        SignatureFault.MALFORMED,
                        it -> it.put("created", new BareItem.Text("now"))),
                new Wrong(
                        "nonce as token",
                        SignatureFault.MALFORMED,
                        it -> it.put("nonce", new BareItem.Token("n"))),
                new Wrong(
                        "long nonce",
                        SignatureFault.TOO_LARGE,
                        it -> it.put("nonce", new BareItem.Text("n".repeat(257)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongParameters")
    void refusesWrongParametersThatAreSigned(Wrong wrong) throws Exception {
        assertRefused(verdict(signedWith(wrong.change())), wrong.fault());
        assertThat(nonces.size()).isZero();
    }

    @Test
    void acceptsTheEdgesOfTheWindow() throws Exception {
        assertThat(verdict(signedWith(later("created", 5))))
                .isInstanceOf(SignatureVerdict.Verified.class);
        assertThat(
                        verdict(
                                signedWith(
                                        later("created", -120)
                                                .andThen(it ->
                                                        it.put("nonce", new BareItem.Text("m"))))))
                .isInstanceOf(SignatureVerdict.Verified.class);
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            strings = {"@method", "@authority", "@path", "capsule-protocol"})
    void refusesWhatIsNotCovered(String name) throws Exception {
        var components = new ArrayList<>(REQUIREMENTS.coverage(UDP));
        components.remove(ComponentId.of(name));
        assertRefused(verdict(signedOver(components, UDP, _ -> {})), SignatureFault.NOT_COVERED);
    }

    @Test
    void aQueryHasToBeCovered() throws Exception {
        var request = request("/v1/proxy?h=a.example&p=1");
        var components = new ArrayList<>(REQUIREMENTS.coverage(request));
        components.remove(ComponentId.QUERY);
        assertRefused(
                verdict(signedOver(components, request, _ -> {})), SignatureFault.NOT_COVERED);
        components.set(components.indexOf(ComponentId.PATH), ComponentId.TARGET_URI);
        assertThat(verdict(signedOver(components, request, _ -> {})))
                .isInstanceOf(SignatureVerdict.Verified.class);
    }

    @Test
    void aConnectIsBoundToItsTarget() throws Exception {
        var connect = request(null);
        assertRefused(
                verdict(signedOver(List.of(ComponentId.METHOD), connect, _ -> {})),
                SignatureFault.NOT_COVERED);
        assertThat(
                        verdict(
                                signedOver(
                                        List.of(ComponentId.METHOD, ComponentId.REQUEST_TARGET),
                                        connect,
                                        _ -> {})))
                .isInstanceOf(SignatureVerdict.Verified.class);
    }

    @Test
    void moreCanBeAskedFor() throws Exception {
        var strict =
                verifier(
                        new SignatureRequirements(
                                TAG,
                                WINDOW,
                                Duration.ofSeconds(5),
                                List.of(ComponentId.of("user-agent"))));
        assertRefused(
                strict.verify(signed(SignatureAlgorithm.ED25519, UDP)).toCompletableFuture().join(),
                SignatureFault.NOT_COVERED);
    }

    record Change(String name, UnaryOperator<SignedMessage.Request> of) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Change> changes() {
        return Stream.of(
                new Change(
                        "method",
                        it ->
                                new SignedMessage.Request(
                                        "GET",
                                        it.scheme(),
                                        it.authority(),
                                        it.path(),
                                        it.fields())),
                new Change(
                        "authority",
                        it ->
                                new SignedMessage.Request(
                                        it.method(),
                                        it.scheme(),
                                        "other.example",
                                        it.path(),
                                        it.fields())),
                new Change(
                        "path",
                        it ->
                                new SignedMessage.Request(
                                        it.method(),
                                        it.scheme(),
                                        it.authority(),
                                        it.path() + "x",
                                        it.fields())),
                new Change("capsule-protocol", it -> replacing(it, "capsule-protocol", "?1", "?0")),
                new Change(
                        "created",
                        it -> replacing(it, "signature-input", "created=17", "created=16")),
                new Change(
                        "nonce", it -> replacing(it, "signature-input", "nonce=\"", "nonce=\"x")),
                new Change(
                        "expires",
                        it -> replacing(it, "signature-input", "expires=17", "expires=27")),
                new Change(
                        "unknown parameter",
                        it -> replacing(it, "signature-input", ";tag", ";x;tag")));
    }

    private static SignedMessage.Request replacing(
            SignedMessage.Request request, String name, String old, String fresh) {
        return with(
                request,
                new HeaderFields(
                        request.fields().lines().stream()
                                .map(line ->
                                        line.name().equals(name)
                                                ? new HeaderField(
                                                        name, line.value().replace(old, fresh))
                                                : line)
                                .toList()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void noticesWhatWasChangedAfterwards(Change change) throws Exception {
        var altered = change.of().apply(signed(SignatureAlgorithm.ED25519, UDP));
        assertThat(verdict(altered)).isInstanceOf(SignatureVerdict.Refused.class);
        assertThat(nonces.size()).isZero();
    }

    @Test
    void aSignatureThatCameTwiceIsAmbiguous() throws Exception {
        var once = signed(SignatureAlgorithm.ED25519, UDP).fields();
        var again = signed(SignatureAlgorithm.ED25519, UDP).fields();
        var input = again.first("signature-input").orElseThrow();
        var signature = again.first("signature").orElseThrow();
        assertRefused(
                verdict(
                        with(
                                UDP,
                                once.with("signature-input", input).with("signature", signature))),
                SignatureFault.MALFORMED);
        assertRefused(
                verdict(
                        with(
                                UDP,
                                once.with("signature-input", input.replaceFirst("relay", "other"))
                                        .with(
                                                "signature",
                                                signature.replaceFirst("relay", "other")))),
                SignatureFault.AMBIGUOUS);
    }

    @Test
    void bothFieldsHaveTheSameLabels() throws Exception {
        var signed = signed(SignatureAlgorithm.ED25519, UDP);
        assertRefused(
                verdict(with(signed, signed.fields().with("signature", "more=:AA==:"))),
                SignatureFault.MALFORMED);
        assertRefused(
                verdict(with(signed, signed.fields().with("signature-input", "more=()"))),
                SignatureFault.MALFORMED);
        assertRefused(
                verdict(replacing(signed, "signature", "relay=:", "relay=:A")),
                SignatureFault.MALFORMED);
    }

    @Test
    void aSignatureForAnotherIsLeftAlone() throws Exception {
        var signed = signed(SignatureAlgorithm.ED25519, UDP);
        var both =
                signed.fields()
                        .with("signature-input", "theirs=(\"@unheard-of\");tag=\"theirs\"")
                        .with("signature", "theirs=:AA==:");
        assertThat(verdict(with(signed, both))).isInstanceOf(SignatureVerdict.Verified.class);
    }

    @Test
    void everyPrefixOfTheFieldsIsRefused() throws Exception {
        var signed = signed(SignatureAlgorithm.ED25519, UDP);
        var input = signed.fields().first("signature-input").orElseThrow();
        for (int length = 0; length < input.length(); length++) {
            assertThat(
                            verdict(
                                    replacing(
                                            signed,
                                            "signature-input",
                                            input,
                                            input.substring(0, length))))
                    .isNotInstanceOf(SignatureVerdict.Verified.class);
        }
        assertThat(verdict(signed)).isInstanceOf(SignatureVerdict.Verified.class);
    }

    @Test
    void boundsWhatItReads() {
        var many = new StringBuilder();
        for (int i = 0; i < 33; i++) {
            many.append("\"f").append(i).append("\" ");
        }
        assertRefused(
                verdict(
                        with(
                                UDP,
                                HeaderFields.of("signature-input", "a=(" + many + ");tag=\"x\"")
                                        .with("signature", "a=::"))),
                SignatureFault.TOO_LARGE);
        assertRefused(
                verdict(
                        with(
                                UDP,
                                HeaderFields.of("signature-input", "a=()" + " ".repeat(8200))
                                        .with("signature", "a=::"))),
                SignatureFault.TOO_LARGE);
    }

    @Test
    void aFullStoreRefusesOneSignerAndNoOther() throws Exception {
        var full = new InMemoryNonces(1, () -> now);
        var narrow =
                new SignatureVerifier(
                        id ->
                                SignatureAlgorithm.of(id)
                                        .map(each ->
                                                VerificationKey.of(id, pair(each).getPublic())),
                        REQUIREMENTS,
                        full,
                        () -> now);
        assertThat(verdict(narrow, SignatureAlgorithm.ED25519))
                .isInstanceOf(SignatureVerdict.Verified.class);
        assertRefused(verdict(narrow, SignatureAlgorithm.ED25519), SignatureFault.NONCES_FULL);
        assertThat(verdict(narrow, SignatureAlgorithm.ECDSA_P256_SHA256))
                .isInstanceOf(SignatureVerdict.Verified.class);
        now = now.plus(WINDOW).plusSeconds(3);
        assertThat(verdict(narrow, SignatureAlgorithm.ED25519))
                .isInstanceOf(SignatureVerdict.Verified.class);
        assertThat(full.size()).isEqualTo(2);
    }

    private SignatureVerdict verdict(SignatureVerifier by, SignatureAlgorithm algorithm)
            throws SignatureFaultException {
        return by.verify(signed(algorithm, UDP)).toCompletableFuture().join();
    }

    @Test
    void asksForASignatureOfThisShape() {
        assertThat(REQUIREMENTS.acceptSignature("relay", UDP, "abc"))
                .isEqualTo(
                        "relay=(\"@method\" \"@authority\" \"@path\" \"capsule-protocol\")"
                                + ";created;expires;nonce=\"abc\";tag=\"relay-tag\"");
        assertThat(REQUIREMENTS.acceptSignature("relay", request(null), "abc"))
                .startsWith("relay=(\"@method\" \"@authority\");created");
    }
}
