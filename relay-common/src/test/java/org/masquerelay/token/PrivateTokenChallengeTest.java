package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.TokenFormatException.Fault;

class PrivateTokenChallengeTest {
    private final Vectors rfc = Vectors.read("rfc9577-headers.json").getFirst();

    // RFC 9577, appendix A.2.
    static List<Vectors> fieldsOfRfc9577() {
        return Vectors.read("rfc9577-headers.json");
    }

    @ParameterizedTest
    @MethodSource("fieldsOfRfc9577")
    void readsTheFieldsOfRfc9577(Vectors vector) throws TokenFormatException {
        var challenges = PrivateTokenChallenge.parseAll(vector.text("WWW-Authenticate"));

        int count = 0;
        for (; vector.fields().containsKey("token-challenge-" + count); count++) {
            var challenge = challenges.get(count);
            assertThat(challenge.challenge()).isEqualTo(vector.bytes("token-challenge-" + count));
            assertThat(challenge.tokenKey()).isEqualTo(vector.bytes("token-key-" + count));
            int type = Integer.decode(vector.text("token-type-" + count));
            assertThat(challenge.type()).isEqualTo(TokenType.of(type));
            if (challenge.type().isPresent()) {
                assertThat(challenge.tokenChallenge().tokenType()).isEqualTo(type);
            }
            // The keys of the others are not what RFC 9578 makes of their types.
            if (challenge.type().equals(Optional.of(TokenType.BLIND_RSA))) {
                assertThat(challenge.issuerKey().orElseThrow().encoded())
                        .isEqualTo(challenge.tokenKey());
            }
            assertThat(challenge.maxAge())
                    .isEqualTo(
                            vector.fields().containsKey("max-age-" + count)
                                    ? Duration.ofSeconds(10)
                                    : null);
        }
        assertThat(challenges).hasSize(count);
    }

    @Test
    @DisplayName("case 113: unquoted padded values are read, unknown parameters ignored")
    void readsUnquotedPaddedValuesAndStepsOverUnknownParameters() throws TokenFormatException {
        String unquoted = rfc.text("WWW-Authenticate").replace("\"", "");
        assertThat(unquoted).contains("==, token-key=").contains(",unknownChallengeAttribute=");

        var challenges = PrivateTokenChallenge.parseAll(unquoted);

        assertThat(challenges)
                .isEqualTo(PrivateTokenChallenge.parseAll(rfc.text("WWW-Authenticate")))
                .hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(ParameterStyle.class)
    void roundTrips(ParameterStyle style) throws TokenFormatException {
        var challenge = TokenChallenge.parse(rfc.hex("token-challenge-0"));
        var key = IssuerKey.parse(rfc.hex("token-key-0"));
        var written = PrivateTokenChallenge.of(challenge, key, Duration.ofSeconds(90));

        var read = PrivateTokenChallenge.parseAll(written.format(style));

        assertThat(read).containsExactly(written);
        assertThat(read.getFirst().tokenChallenge()).isEqualTo(challenge);
        assertThat(read.getFirst().issuerKey()).contains(key);
    }

    @Test
    void writesQuotedPaddedBase64Url() {
        var bytes = ImmutableBytes.copyOf(HexFormat.of().parseHex("fbff"));
        var bare = new PrivateTokenChallenge(bytes, ImmutableBytes.EMPTY, null);

        assertThat(bare.format(ParameterStyle.QUOTED)).isEqualTo("PrivateToken challenge=\"-_8=\"");
        assertThat(
                        new PrivateTokenChallenge(bytes, bytes, Duration.ofHours(1))
                                .format(ParameterStyle.BARE))
                .isEqualTo("PrivateToken challenge=-_8=, token-key=-_8=, max-age=3600");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Negotiate YWJj==, PrivateToken challenge=AAI=",
                "Negotiate YW/j+, privatetoken challenge=AAI",
                "Basic realm=\"a, PrivateToken challenge=\\\"\", PRIVATETOKEN challenge=\"AAI=\"",
                "Bearer, PrivateToken challenge = \"AAI=\" , x=y",
                ", ,PrivateToken\tchallenge=\"AAI\\=\",,",
                "PrivateToken challenge=\"!\", PrivateToken challenge=AAI, PrivateToken x=y, challenge=\"\\u\"",
                "PrivateToken challenge=AAI, PrivateToken challenge=AAI, max-age=-1",
                "PrivateToken challenge=AAI, PrivateToken challenge=AAI, max-age=99999999999",
            })
    void findsTheOneGoodChallengeAmongOthers(String field) throws TokenFormatException {
        assertThat(PrivateTokenChallenge.parseAll(field))
                .filteredOn(challenge -> challenge.type().isPresent())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "challenge=AAI",
                "PrivateToken challenge=\"AAI",
                "PrivateToken challenge=\"AAI\\",
                "PrivateToken challenge=\"AAI\"x",
                "PrivateToken challenge=AAI token-key=AAI",
                "PrivateToken challenge=AAI, challenge=AAI",
                "PrivateToken (challenge)",
                "\u00e9=x",
            })
    void refusesBrokenFields(String field) {
        assertFault(Fault.AUTH_SYNTAX, () -> PrivateTokenChallenge.parseAll(field));
    }

    @ParameterizedTest
    @MethodSource("fieldsOfRfc9577")
    void throwsNothingElseForAnyPrefix(Vectors vector) {
        String field = vector.text("WWW-Authenticate");
        for (int length = 0; length < field.length(); length++) {
            try {
                PrivateTokenChallenge.parseAll(field.substring(0, length));
            } catch (TokenFormatException e) {
                assertThat(e.fault()).isEqualTo(Fault.AUTH_SYNTAX);
            }
        }
    }

    @Test
    void refusesWhatIsTooLarge() {
        assertFault(Fault.AUTH_TOO_LARGE, () -> PrivateTokenChallenge.parseAll("a,".repeat(17)));
        assertFault(
                Fault.AUTH_TOO_LARGE, () -> PrivateTokenChallenge.parseAll(" ".repeat(1 << 15)));
        var many = new StringBuilder("PrivateToken ");
        for (int i = 0; i < 33; i++) {
            many.append("p").append(i).append("=v,");
        }
        assertFault(Fault.AUTH_TOO_LARGE, () -> PrivateTokenChallenge.parseAll(many.toString()));
    }

    @Test
    void stepsOverAGreasedChallenge() throws TokenFormatException {
        var challenges =
                PrivateTokenChallenge.parseAll(
                        fieldsOfRfc9577().getLast().text("WWW-Authenticate"));
        assertThat(challenges).hasSize(2);
        assertThat(challenges.getFirst().type()).isEmpty();
        assertThat(challenges.getLast().type()).contains(TokenType.VOPRF);
        assertThat(PrivateTokenChallenge.parseAll("PrivateToken challenge=\"\"").getFirst().type())
                .isEmpty();
    }

    @Test
    void leavesTheKeyToTheDirectoryWhenTheChallengeNamesNone() throws TokenFormatException {
        var challenge = PrivateTokenChallenge.parseAll("PrivateToken challenge=AAI").getFirst();
        assertThat(challenge.issuerKey()).isEmpty();
    }
}
