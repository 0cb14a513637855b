package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.PrivateTokenCredentials.Absent;
import org.masquerelay.token.PrivateTokenCredentials.Malformed;
import org.masquerelay.token.PrivateTokenCredentials.Presented;
import org.masquerelay.token.TokenFormatException.Fault;

class PrivateTokenCredentialsTest {
    private final byte[] wire = Vectors.read("rfc9578-type2.json").getFirst().hex("token");
    private final Token token = Token.parse(wire);

    PrivateTokenCredentialsTest() throws TokenFormatException {}

    @ParameterizedTest
    @EnumSource(ParameterStyle.class)
    void readsWhatItWrites(ParameterStyle style) {
        assertThat(PrivateTokenCredentials.parse(PrivateTokenCredentials.format(token, style)))
                .isEqualTo(new Presented(token));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PrivateToken token=\"%s\"",
                "PrivateToken token=%s",
                "privatetoken TOKEN=%s",
                "PrivateToken extensions=\"AA==\", token=\"%s\", more=x",
                "  PrivateToken  token = %s  ",
            })
    void readsEveryAlphabetPaddingAndQuoting(String field) {
        var url = Base64.getUrlEncoder();
        for (var alphabet : new Base64.Encoder[] {url, url.withoutPadding(), Base64.getEncoder()}) {
            assertThat(
                            PrivateTokenCredentials.parse(
                                    field.formatted(alphabet.encodeToString(wire))))
                    .isEqualTo(new Presented(token));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer {}",
                "PrivateTokens token=AAAA",
                "Basic UHJpdmF0ZVRva2Vu",
                "Private"
            })
    void leavesOtherCredentialsToOthers(String field) {
        assertThat(PrivateTokenCredentials.parse(field)).isEqualTo(new Absent());
    }

    @Test
    void saysWhatIsWrong() {
        assertMalformed(Fault.NO_TOKEN, "PrivateToken");
        assertMalformed(Fault.NO_TOKEN, "PrivateToken t=AAAA");
        assertMalformed(Fault.NO_TOKEN, "PrivateToken AAAA==");
        assertMalformed(Fault.BASE64, "PrivateToken token=\"A*\"");
        assertMalformed(Fault.BASE64, "PrivateToken token=AAAAA");
        assertMalformed(Fault.BASE64, "PrivateToken token=\"AA====\"");
        assertMalformed(Fault.TRUNCATED, "PrivateToken token=AA");
        assertMalformed(Fault.WRONG_LENGTH, "PrivateToken token=AAIA");
        assertMalformed(Fault.WRONG_TOKEN_TYPE, "PrivateToken token=2noA");
        assertMalformed(Fault.AUTH_SYNTAX, "PrivateToken token=\"AAIA");
        assertMalformed(Fault.AUTH_SYNTAX, "PrivateToken token=AAIA, PrivateToken token=AAIA");
        assertMalformed(Fault.AUTH_TOO_LARGE, "PrivateToken token=" + "A".repeat(1 << 20));
    }

    @Test
    void refusesEveryPrefix() {
        String field = PrivateTokenCredentials.format(token, ParameterStyle.QUOTED);
        for (int length = "PrivateToken".length(); length < field.length(); length++) {
            assertThat(PrivateTokenCredentials.parse(field.substring(0, length)))
                    .isInstanceOf(Malformed.class);
        }
    }

    private static void assertMalformed(Fault fault, String field) {
        assertThat(PrivateTokenCredentials.parse(field)).isEqualTo(new Malformed(fault));
    }
}
