package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.token.TokenFormatException.Fault;

class TokenChallengeTest {
    private static final ImmutableBytes CONTEXT = ImmutableBytes.copyOf(new byte[32]);
    private static final TokenChallenge CHALLENGE =
            TokenChallenge.blindRsa("issuer.example", CONTEXT, List.of("a.example", "b.example"));

    // RFC 9577, appendix A.1; the sixth vector is a greased token, which has no challenge.
    static List<Vectors> challengesOfRfc9577() {
        return Vectors.read("rfc9577-tokens.json").subList(0, 5);
    }

    @ParameterizedTest
    @MethodSource("challengesOfRfc9577")
    void digestsChallengesAsRfc9577Does(Vectors vector) throws TokenFormatException {
        String origins = new String(vector.hex("origin_info"), StandardCharsets.US_ASCII);
        var challenge =
                TokenChallenge.blindRsa(
                        new String(vector.hex("issuer_name"), StandardCharsets.US_ASCII),
                        vector.bytes("redemption_context"),
                        origins.isEmpty() ? List.of() : List.of(origins.split(",")));

        byte[] input =
                new Token.AuthenticatorInput(
                                TokenType.BLIND_RSA,
                                vector.bytes("nonce"),
                                challenge.digest(),
                                vector.bytes("token_key_id"))
                        .serialise();

        assertThat(input).isEqualTo(vector.hex("token_authenticator_input"));
        assertThat(TokenChallenge.parse(challenge.serialise())).isEqualTo(challenge);
    }

    @Test
    void refusesEveryPrefix() {
        byte[] wire = CHALLENGE.serialise();
        for (int length = 0; length < wire.length; length++) {
            byte[] prefix = Arrays.copyOf(wire, length);
            assertFault(Fault.TRUNCATED, () -> TokenChallenge.parse(prefix));
        }
    }

    @Test
    void refusesTrailingBytes() {
        byte[] wire = CHALLENGE.serialise();
        assertFault(
                Fault.TRAILING_BYTES,
                () -> TokenChallenge.parse(Arrays.copyOf(wire, wire.length + 1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 31, 33, 255})
    void refusesContextsOfOtherLengths(int length) {
        String wire = "0002000161" + "%02x".formatted(length) + "00".repeat(length) + "0000";
        assertFault(Fault.REDEMPTION_CONTEXT, () -> TokenChallenge.parse(hex(wire)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000", "000120", "0001e9", "000100", "00017f"})
    void refusesIssuerNamesThatAreNotPrintableAscii(String name) {
        assertFault(Fault.ISSUER_NAME, () -> TokenChallenge.parse(hex("0002" + name + "000000")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00012c", "0003612c2c", "0003612062", "0001ff"})
    void refusesOriginListsWithBrokenNames(String origins) {
        assertFault(Fault.ORIGIN_INFO, () -> TokenChallenge.parse(hex("000200016100" + origins)));
    }

    @Test
    void keepsTokenTypesItDoesNotKnow() throws TokenFormatException {
        assertThat(TokenChallenge.parse(hex("da7a000161000000")).tokenType()).isEqualTo(0xda7a);
    }

    @Test
    void allowsOnlyListedOriginsWithoutRegardToCase() {
        assertThat(CHALLENGE.allows("B.Example")).isTrue();
        assertThat(CHALLENGE.allows("c.example")).isFalse();
        assertThat(TokenChallenge.blindRsa("i", CONTEXT, List.of()).allows("c.example")).isTrue();
    }

    @Test
    void isNotMadeOfPartsThatCannotBeWritten() {
        var tooShort = ImmutableBytes.copyOf(new byte[5]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenChallenge.blindRsa("i", tooShort, List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenChallenge.blindRsa("", CONTEXT, List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> TokenChallenge.blindRsa("i", CONTEXT, List.of("x".repeat(65536))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenChallenge(0x10000, "i", CONTEXT, List.of()));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
