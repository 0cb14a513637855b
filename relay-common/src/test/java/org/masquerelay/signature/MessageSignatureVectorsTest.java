package org.masquerelay.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.pki.Pem;
import org.masquerelay.token.Vectors;

/// [RFC 9421, appendix B](https://datatracker.ietf.org/doc/html/rfc9421#appendix-B), byte for byte.
/// `hmac-sha256` (B.2.5) is not served: of it the signature base alone.
final class MessageSignatureVectorsTest {

    static Stream<Vectors> signatures() {
        return PublishedMessages.ALL.stream().filter(each -> each.fields().containsKey("base"));
    }

    static Stream<Vectors> verifiable() {
        return signatures().filter(each -> !each.text("key").equals("test-shared-secret"));
    }

    private static SignedMessage message(Vectors vector) {
        var plain =
                PublishedMessages.message(
                        PublishedMessages.named(vector.text("message")).text("text"));
        return PublishedMessages.with(plain, vector.text("input"), vector.text("signature"));
    }

    private static MessageSignature only(SignedMessage message) throws SignatureFaultException {
        var all = MessageSignature.parse(message.fields());
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("signatures")
    void makesThePublishedSignatureBase(Vectors vector) throws Exception {
        var message = message(vector);
        assertThat(SignatureBase.of(message, only(message).parameters()).text())
                .isEqualTo(vector.text("base"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("verifiable")
    void verifiesThePublishedSignature(Vectors vector) throws Exception {
        var message = message(vector);
        var signature = only(message);
        var key = PublishedMessages.key(vector.text("key"));
        var base = SignatureBase.of(message, signature.parameters()).bytes();
        assertThat(key.algorithm().verify(key.key(), base, signature.signature().toArray()))
                .isTrue();
        base[0] ^= 1;
        assertThat(key.algorithm().verify(key.key(), base, signature.signature().toArray()))
                .isFalse();
    }

    @Test
    void signsLikeTheVectorWhereTheAlgorithmIsDeterministic() throws Exception {
        var vector = PublishedMessages.named("B.2.6");
        var parameters = only(message(vector)).parameters();
        var plain =
                (SignedMessage.Request)
                        PublishedMessages.message(PublishedMessages.named("request").text("text"));
        var signer =
                new MessageSigner(
                        "test-key-ed25519",
                        Pem.privateKey(PublishedMessages.named("test-key-ed25519").text("private")),
                        new SignatureRequirements(
                                "tag", Duration.ofMinutes(1), Duration.ofSeconds(1), List.of()),
                        Duration.ofMinutes(1),
                        InstantSource.system(),
                        new SecureRandom());
        var signed = signer.sign(plain, parameters.components(), parameters.list().parameters());
        assertThat(signed.first(MessageSignature.SIGNATURE))
                .contains(vector.text("signature").replaceFirst("sig-b26", "relay"));
        assertThat(signed.first(MessageSignature.SIGNATURE_INPUT))
                .contains(vector.text("input").replaceFirst("sig-b26", "relay"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "B.4 signed",
                "B.4 field and query added",
                "B.4 fields joined",
                "B.4 fields reordered"
            })
    void survivesTransformationsThatMayBe(String name) throws Exception {
        assertThat(isTransformedRight(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"B.4 method and authority changed", "B.4 values reordered"})
    void noticesOtherTransformations(String name) throws Exception {
        assertThat(isTransformedRight(name)).isFalse();
    }

    private static boolean isTransformedRight(String name) throws Exception {
        var message = PublishedMessages.message(PublishedMessages.named(name).text("message"));
        var signature = only(message);
        var key = PublishedMessages.key("test-key-ed25519");
        var base = SignatureBase.of(message, signature.parameters()).bytes();
        return key.algorithm().verify(key.key(), base, signature.signature().toArray());
    }
}
