package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.TokenVerifier.Verdict;

class TokenVerifierTest {

    // RFC 9578, appendix B.2.
    static List<Vectors> tokensOfRfc9578() {
        return Vectors.read("rfc9578-type2.json");
    }

    @ParameterizedTest
    @MethodSource("tokensOfRfc9578")
    void acceptsTheTokensOfRfc9578(Vectors vector) throws TokenFormatException {
        var challenge = TokenChallenge.parse(vector.hex("token_challenge"));
        var key = IssuerKey.parse(vector.hex("pkS"));
        var other = IssuerKey.ofModulus(key.rsa().getModulus().add(BigInteger.TWO));
        var verifier = new TokenVerifier(List.of(other, key), challenge.digest()::equals);

        assertThat(verifier.verify(Token.parse(vector.hex("token")))).isEqualTo(Verdict.VALID);
        assertThat(challenge.serialise()).isEqualTo(vector.hex("token_challenge"));
    }

    @Test
    void noticesTheChangeOfAnyByte() throws TokenFormatException {
        var vector = tokensOfRfc9578().getFirst();
        var live = TokenChallenge.parse(vector.hex("token_challenge")).digest();
        var verifier = new TokenVerifier(List.of(IssuerKey.parse(vector.hex("pkS"))), live::equals);
        for (int at = 2; at < Token.LENGTH; at++) {
            byte[] wire = vector.hex("token");
            wire[at] ^= 0x40;
            var expected =
                    at < 34 || at >= 98
                            ? Verdict.BAD_SIGNATURE
                            : at < 66 ? Verdict.STALE_CHALLENGE : Verdict.UNKNOWN_KEY;
            assertThat(verifier.verify(Token.parse(wire))).as("byte " + at).isEqualTo(expected);
        }
    }

    @Test
    void noticesADigestTheTokenWasNotMadeFor() throws TokenFormatException {
        var vector = tokensOfRfc9578().getFirst();
        byte[] wire = vector.hex("token");
        wire[40] ^= 1;
        var anyChallenge =
                new TokenVerifier(List.of(IssuerKey.parse(vector.hex("pkS"))), _ -> true);

        assertThat(anyChallenge.verify(Token.parse(wire))).isEqualTo(Verdict.BAD_SIGNATURE);
    }

    @Test
    void refusesASignatureThatIsNotSmallerThanTheModulus() throws TokenFormatException {
        var vector = tokensOfRfc9578().getFirst();
        byte[] wire = vector.hex("token");
        Arrays.fill(wire, 98, Token.LENGTH, (byte) 0xff);
        var verifier = new TokenVerifier(List.of(IssuerKey.parse(vector.hex("pkS"))), _ -> true);

        assertThat(verifier.verify(Token.parse(wire))).isEqualTo(Verdict.BAD_SIGNATURE);
    }
}
