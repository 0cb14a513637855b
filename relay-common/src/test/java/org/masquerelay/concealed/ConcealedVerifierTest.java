package org.masquerelay.concealed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.KeyExporter;
import org.masquerelay.tunnel.RequestHead;

/// [RFC 9729, sections 3 and 6](https://datatracker.ietf.org/doc/html/rfc9729#section-3).
final class ConcealedVerifierTest {
    private static final Map<SignatureScheme, KeyPair> KEYS = keys();
    private static final RequestOrigin ORIGIN = new RequestOrigin("https", "relay.example", 443);
    private static final KeyExporter ONE = exporter("one");
    private static final KeyExporter OTHER = exporter("other");

    private final ConcealedVerifier verifier =
            new ConcealedVerifier(
                    Arrays.stream(SignatureScheme.values()).map(scheme -> key(scheme)).toList(),
                    "");

    private static Map<SignatureScheme, KeyPair> keys() {
        try {
            var ec = KeyPairGenerator.getInstance("EC");
            ec.initialize(256);
            var rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(2048);
            return Map.of(
                    SignatureScheme.ED25519,
                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair(),
                    SignatureScheme.ECDSA_SECP256R1_SHA256,
                    ec.generateKeyPair(),
                    SignatureScheme.RSA_PSS_RSAE_SHA256,
                    rsa.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair pair(SignatureScheme scheme) {
        return Objects.requireNonNull(KEYS.get(scheme));
    }

    private static ConcealedKey key(SignatureScheme scheme) {
        return ConcealedKey.of(bytes(scheme.name()), pair(scheme).getPublic());
    }

    private static ImmutableBytes bytes(String text) {
        return ImmutableBytes.copyOf(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Stands in for a connection.
    private static KeyExporter exporter(String connection) {
        return (label, context, length) -> {
            try {
                var hash = MessageDigest.getInstance("SHA-384");
                hash.update((connection + label).getBytes(StandardCharsets.UTF_8));
                return Optional.of(Arrays.copyOf(hash.digest(context), length));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private static ConcealedCredentials credentials(SignatureScheme scheme, String realm) {
        var signer = new ConcealedSigner(key(scheme), pair(scheme).getPrivate(), realm);
        return signer.authorization(ONE, ORIGIN).flatMap(ConcealedCredentials::parse).orElseThrow();
    }

    private Optional<ConcealedKey> verify(ConcealedCredentials credentials) {
        return verifier.verify(credentials, ONE, ORIGIN);
    }

    @ParameterizedTest
    @EnumSource
    void acceptsWhatTheSignerMakes(SignatureScheme scheme) {
        assertThat(verify(credentials(scheme, "")))
                .hasValueSatisfying(key -> assertThat(key.id()).isEqualTo(bytes(scheme.name())));
    }

    @Test
    void aProofIsForOneConnectionAndOneOrigin() {
        var credentials = credentials(SignatureScheme.ED25519, "");
        assertThat(verifier.verify(credentials, OTHER, ORIGIN)).isEmpty();
        for (var origin :
                List.of(
                        new RequestOrigin("http", "relay.example", 443),
                        new RequestOrigin("https", "other.example", 443),
                        new RequestOrigin("https", "relay.example", 4443))) {
            assertThat(verifier.verify(credentials, ONE, origin)).isEmpty();
        }
    }

    @Test
    void aRealmHasToBeTheConfiguredOne() {
        var credentials = credentials(SignatureScheme.ED25519, "cellar");
        assertThat(verify(credentials)).isEmpty();
        var inRealm = new ConcealedVerifier(List.of(key(SignatureScheme.ED25519)), "cellar");
        assertThat(inRealm.verify(credentials, ONE, ORIGIN)).isPresent();
        assertThat(inRealm.verify(credentials(SignatureScheme.ED25519, ""), ONE, ORIGIN)).isEmpty();
    }

    @Test
    void aConnectionWithoutAnExporterProvesNothing() {
        assertThat(
                        verifier.verify(
                                credentials(SignatureScheme.ED25519, ""),
                                (_, _, _) -> Optional.empty(),
                                ORIGIN))
                .isEmpty();
        // Not even with the verification that is compared then.
        var zero = ConcealedExport.NONE;
        var key = key(SignatureScheme.ED25519);
        var forged =
                new ConcealedCredentials(
                        key.id(),
                        key.encoded(),
                        key.scheme().code(),
                        zero.verification(),
                        ImmutableBytes.copyOf(
                                key.scheme().sign(pair(key.scheme()).getPrivate(), zero.signed())),
                        "");
        assertThat(verifier.verify(forged, (_, _, _) -> Optional.empty(), ORIGIN)).isEmpty();
    }

    record Change(String name, UnaryOperator<ConcealedCredentials> of) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static ImmutableBytes flipped(ImmutableBytes bytes) {
        var changed = bytes.toArray();
        changed[changed.length - 1] ^= 1;
        return ImmutableBytes.copyOf(changed);
    }

    static Stream<Change> changes() {
        var other = credentials(SignatureScheme.ECDSA_SECP256R1_SHA256, "");
        return Stream.of(
                new Change(
                        "unknown key ID",
                        it ->
                                with(
                                        it,
                                        bytes("stranger"),
                                        it.publicKey(),
                                        it.scheme(),
                                        it.verification(),
                                        it.proof())),
                new Change(
                        "another's key ID",
                        it ->
                                with(
                                        it,
                                        other.keyId(),
                                        it.publicKey(),
                                        it.scheme(),
                                        it.verification(),
                                        it.proof())),
                new Change(
                        "another's public key",
                        it ->
                                with(
                                        it,
                                        it.keyId(),
                                        other.publicKey(),
                                        it.scheme(),
                                        it.verification(),
                                        it.proof())),
                new Change(
                        "another scheme",
                        it ->
                                with(
                                        it,
                                        it.keyId(),
                                        it.publicKey(),
                                        0x0403,
                                        it.verification(),
                                        it.proof())),
                new Change(
                        "a scheme nobody knows",
                        it ->
                                with(
                                        it,
                                        it.keyId(),
                                        it.publicKey(),
                                        65535,
                                        it.verification(),
                                        it.proof())),
                new Change(
                        "wrong verification",
                        it ->
                                with(
                                        it,
                                        it.keyId(),
                                        it.publicKey(),
                                        it.scheme(),
                                        flipped(it.verification()),
                                        it.proof())),
                new Change(
                        "short verification",
                        it ->
                                with(
                                        it,
                                        it.keyId(),
                                        it.publicKey(),
                                        it.scheme(),
                                        ImmutableBytes.copyOfRange(
                                                it.verification().toArray(), 0, 15),
                                        it.proof())),
                new Change(
                        "wrong proof",
                        it ->
                                with(
                                        it,
                                        it.keyId(),
                                        it.publicKey(),
                                        it.scheme(),
                                        it.verification(),
                                        flipped(it.proof()))),
                new Change(
                        "no proof",
                        it ->
                                with(
                                        it,
                                        it.keyId(),
                                        it.publicKey(),
                                        it.scheme(),
                                        it.verification(),
                                        ImmutableBytes.EMPTY)),
                new Change(
                        "another's proof",
                        it ->
                                with(
                                        it,
                                        it.keyId(),
                                        it.publicKey(),
                                        it.scheme(),
                                        it.verification(),
                                        other.proof())));
    }

    private static ConcealedCredentials with(
            ConcealedCredentials from,
            ImmutableBytes keyId,
            ImmutableBytes publicKey,
            int scheme,
            ImmutableBytes verification,
            ImmutableBytes proof) {
        return new ConcealedCredentials(
                keyId, publicKey, scheme, verification, proof, from.realm());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void refusesWhatWasChanged(Change change) {
        assertThat(verify(change.of().apply(credentials(SignatureScheme.ED25519, "")))).isEmpty();
    }

    /// Without the comparison of `v`, a key that signs more than one message with one signature
    /// would pass (RFC 9729, section 4.5).
    @Test
    void aStrangersOwnKeyDoesNotHelp() throws Exception {
        var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        var signer =
                new ConcealedSigner(
                        ConcealedKey.of(bytes(SignatureScheme.ED25519.name()), pair.getPublic()),
                        pair.getPrivate(),
                        "");
        var forged = signer.authorization(ONE, ORIGIN).flatMap(ConcealedCredentials::parse).get();
        assertThat(verify(forged)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void doesTheSameWorkForAnUnknownKey(SignatureScheme scheme) {
        var exports = new ArrayList<String>();
        KeyExporter counting =
                (label, context, length) -> {
                    exports.add(label);
                    return ONE.export(label, context, length);
                };
        var narrow = new ConcealedVerifier(List.of(key(scheme)), "");
        var known = credentials(scheme, "");
        narrow.verify(known, counting, ORIGIN);
        narrow.verify(
                with(
                        known,
                        bytes("stranger"),
                        known.publicKey(),
                        known.scheme(),
                        known.verification(),
                        known.proof()),
                counting,
                ORIGIN);
        assertThat(exports)
                .containsExactly(
                        "EXPORTER-HTTP-Concealed-Authentication",
                        "EXPORTER-HTTP-Concealed-Authentication");
    }

    @Test
    void signsThePrefixTheContextStringAndTheInput() {
        var ones = new byte[32];
        Arrays.fill(ones, (byte) 1);
        var export = new ConcealedExport(ImmutableBytes.copyOf(ones), ImmutableBytes.EMPTY);
        assertThat(HexFormat.of().formatHex(export.signed()))
                .isEqualTo(
                        "20".repeat(64)
                                + "4854545020436f6e6365616c6564" // HTTP Concealed
                                + "2041757468656e7469636174696f6e" //  Authentication
                                + "00"
                                + "01".repeat(32));
    }

    @Test
    void writesTheContextWithTheShortestLengths() {
        var context =
                ConcealedExport.context(
                        0x0807,
                        bytes("k".repeat(63)),
                        bytes("a".repeat(64)),
                        new RequestOrigin("https", "a.example", 4443),
                        "");
        var in = ByteBuffer.wrap(context);
        assertThat(in.getShort()).isEqualTo((short) 0x0807);
        assertThat(in.get()).isEqualTo((byte) 63);
        in.position(in.position() + 63);
        assertThat(in.getShort()).isEqualTo((short) 0x4040);
        in.position(in.position() + 64);
        assertThat(in.get()).isEqualTo((byte) 5);
        in.position(in.position() + 5);
        assertThat(in.get()).isEqualTo((byte) 9);
        in.position(in.position() + 9);
        assertThat(in.getShort()).isEqualTo((short) 4443);
        assertThat(in.get()).isZero();
        assertThat(in.remaining()).isZero();
    }

    @Test
    void encodesPublicKeysAsTlsDoes() {
        var rsa = key(SignatureScheme.RSA_PSS_RSAE_SHA256);
        var spki = rsa.key().getEncoded();
        // The RSAPublicKey is what a SubjectPublicKeyInfo ends with.
        assertThat(Arrays.copyOfRange(spki, spki.length - rsa.encoded().length(), spki.length))
                .isEqualTo(rsa.encoded().toArray());
        assertThat(rsa.encoded().at(0)).isEqualTo(0x30);
        var ec = key(SignatureScheme.ECDSA_SECP256R1_SHA256);
        var point = ec.key().getEncoded();
        assertThat(Arrays.copyOfRange(point, point.length - 65, point.length))
                .isEqualTo(ec.encoded().toArray());
        assertThat(key(SignatureScheme.ED25519).encoded().length()).isEqualTo(32);
    }

    @Test
    void refusesTwoKeysWithOneIdentifier() {
        var key = key(SignatureScheme.ED25519);
        assertThatThrownBy(() -> new ConcealedVerifier(List.of(key, key), ""))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "https,relay.example,relay.example,443",
        "https,relay.example:4443,relay.example,4443",
        "http,relay.example,relay.example,80",
        "https,[2001:db8::1],[2001:db8::1],443",
        "https,[2001:db8::1]:1,[2001:db8::1],1"
    })
    void readsTheOriginOfARequest(String scheme, String authority, String host, int port) {
        var head = new RequestHead("CONNECT", scheme, authority, "/", "x", HeaderFields.NONE);
        assertThat(RequestOrigin.of(head)).contains(new RequestOrigin(scheme, host, port));
    }

    @Test
    void aClassicConnectIsForItsTarget() {
        var head =
                new RequestHead(
                        "CONNECT", null, "target.example:443", null, null, HeaderFields.NONE);
        assertThat(RequestOrigin.of(head))
                .contains(new RequestOrigin("https", "target.example", 443));
    }

    @Test
    void someAuthoritiesAreNone() {
        for (var authority : List.of("", ":443", "a:", "a:x", "a:65536", "u@a", "a".repeat(256))) {
            assertThat(RequestOrigin.of("https", authority)).as(authority).isEmpty();
        }
        assertThat(RequestOrigin.of("https", null)).isEmpty();
    }
}
