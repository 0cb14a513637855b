package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.LiveChallenges.Asked;
import org.masquerelay.token.TokenVerifier.Verdict;
import org.masquerelay.token.voprf.VoprfException;
import org.masquerelay.token.voprf.VoprfSecretKey;

class TokenVerifierTest {

    // RFC 9578, appendix B, and those of another implementation.
    static Stream<Vectors> tokens() {
        return Stream.of(
                        "rfc9578-type1.json",
                        "rfc9578-type1-rust.json",
                        "rfc9578-type2.json",
                        "rfc9578-type2-rust.json")
                .flatMap(file -> Vectors.read(file).stream());
    }

    @ParameterizedTest
    @MethodSource("tokens")
    void acceptsThePublishedTokens(Vectors vector) throws Exception {
        var token = Token.parse(vector.hex("token"));
        byte[] challenge = vector.hex("token_challenge");
        LiveChallenges live =
                digest ->
                        digest.equals(ImmutableBytes.sha256Of(challenge))
                                ? Optional.of(new Asked("issuer.example", token.type()))
                                : Optional.empty();
        var issuer = TrustedIssuer.of("issuer.example", List.of(otherKey(), key(vector)));

        assertThat(new TokenVerifier(List.of(issuer), live).verify(token)).isEqualTo(Verdict.VALID);
    }

    @ParameterizedTest
    @EnumSource(TokenType.class)
    void noticesTheChangeOfAnyByte(TokenType type) throws Exception {
        var vector = vector(type);
        var verifier = verifier(List.of(key(vector)), vector);
        for (int at = 2; at < type.tokenLength(); at++) {
            byte[] wire = vector.hex("token");
            wire[at] ^= 0x40;
            var expected =
                    at < 34 || at >= 98
                            ? Verdict.BAD_SIGNATURE
                            : at < 66 ? Verdict.STALE_CHALLENGE : Verdict.UNKNOWN_KEY;
            assertThat(verifier.verify(Token.parse(wire))).as("byte " + at).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(TokenType.class)
    void noticesADigestTheTokenWasNotMadeFor(TokenType type) throws Exception {
        var vector = vector(type);
        byte[] wire = vector.hex("token");
        wire[40] ^= 1;
        var issuer = TrustedIssuer.of("issuer.example", List.of(key(vector)));
        var anyChallenge =
                new TokenVerifier(
                        List.of(issuer), _ -> Optional.of(new Asked("issuer.example", type)));

        assertThat(anyChallenge.verify(Token.parse(wire))).isEqualTo(Verdict.BAD_SIGNATURE);
    }

    @Test
    void refusesASignatureThatIsNotSmallerThanTheModulus() throws Exception {
        var vector = vector(TokenType.BLIND_RSA);
        byte[] wire = vector.hex("token");
        Arrays.fill(wire, 98, wire.length, (byte) 0xff);

        assertThat(verifier(List.of(key(vector)), vector).verify(Token.parse(wire)))
                .isEqualTo(Verdict.BAD_SIGNATURE);
    }

    @ParameterizedTest
    @EnumSource(TokenType.class)
    void refusesATokenOfAnIssuerThatWasNotAsked(TokenType type) throws Exception {
        var vector = vector(type);
        var token = Token.parse(vector.hex("token"));
        var asked = TokenChallenge.parse(vector.hex("token_challenge"));
        var other = TrustedIssuer.of("other.example", List.of(key(vector)));
        var askedOne = TrustedIssuer.of(asked.issuerName(), List.of(otherKey()));

        var verifier = new TokenVerifier(List.of(other, askedOne), LiveChallenges.only(asked));

        assertThat(verifier.verify(token)).isEqualTo(Verdict.UNKNOWN_KEY);
    }

    @ParameterizedTest
    @EnumSource(TokenType.class)
    void refusesATokenOfAnotherTypeThanWasAsked(TokenType type) throws Exception {
        var vector = vector(type);
        var issuer = TrustedIssuer.of("issuer.example", List.of(key(vector)));
        for (var asked : TokenType.values()) {
            var verifier =
                    new TokenVerifier(
                            List.of(issuer), _ -> Optional.of(new Asked("issuer.example", asked)));
            assertThat(verifier.verify(Token.parse(vector.hex("token"))))
                    .isEqualTo(asked == type ? Verdict.VALID : Verdict.UNKNOWN_KEY);
        }
    }

    @Test
    void takesNoKeyIdForAKeyOfTheOtherType() throws Exception {
        // The nonce, digest and key id of one type under the type number of the other.
        var rsa = Token.parse(vector(TokenType.BLIND_RSA).hex("token"));
        var voprf = Token.parse(vector(TokenType.VOPRF).hex("token"));
        var mixed =
                new Token(
                        TokenType.VOPRF,
                        rsa.nonce(),
                        rsa.challengeDigest(),
                        rsa.tokenKeyId(),
                        voprf.authenticator());
        var key = key(vector(TokenType.BLIND_RSA));

        assertThat(key.verify(mixed)).isFalse();
        assertThat(key(vector(TokenType.VOPRF)).verify(rsa)).isFalse();
    }

    private static TokenVerifier verifier(List<VerifyingKey> keys, Vectors vector)
            throws TokenFormatException {
        var challenge = TokenChallenge.parse(vector.hex("token_challenge"));
        return new TokenVerifier(
                List.of(TrustedIssuer.of(challenge.issuerName(), keys)),
                LiveChallenges.only(challenge));
    }

    private static Vectors vector(TokenType type) {
        return switch (type) {
            case VOPRF -> Vectors.read("rfc9578-type1.json").getFirst();
            case BLIND_RSA -> Vectors.read("rfc9578-type2.json").getFirst();
        };
    }

    private static VerifyingKey key(Vectors vector) throws TokenFormatException, VoprfException {
        return vector.hex("pkS").length == 49
                ? new VoprfVerifyingKey(VoprfSecretKey.parse(vector.hex("skS")))
                : BlindRsaKey.parse(vector.hex("pkS"));
    }

    private static BlindRsaKey otherKey() throws TokenFormatException {
        var key = BlindRsaKey.parse(vector(TokenType.BLIND_RSA).hex("pkS"));
        return BlindRsaKey.ofModulus(key.rsa().getModulus().add(BigInteger.TWO));
    }
}
