package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.token.TokenFormatException.Fault;

class TokenTest {
    private final byte[] wire = vector(TokenType.BLIND_RSA);

    @ParameterizedTest
    @EnumSource(TokenType.class)
    void roundTrips(TokenType type) throws TokenFormatException {
        byte[] wire = vector(type);

        assertThat(Token.parse(wire).type()).isEqualTo(type);
        assertThat(Token.parse(wire).serialise()).isEqualTo(wire);
        assertThat(Token.parse(wire)).isEqualTo(Token.parse(wire.clone()));
    }

    // RFC 9577, section 2.2.1, with Nk of RFC 9578, section 8.2.
    @ParameterizedTest
    @CsvSource({"VOPRF, 146", "BLIND_RSA, 354"})
    void refusesEveryOtherLength(TokenType type, int right) {
        for (int length = 0; length <= 400; length++) {
            byte[] other = Arrays.copyOf(vector(type), length);
            if (length != right) {
                var fault = length < 2 ? Fault.TRUNCATED : Fault.WRONG_LENGTH;
                assertFault(fault, () -> Token.parse(other));
            }
        }
    }

    @Test
    void refusesOtherTypesWhateverTheirLength() {
        for (int length : new int[] {146, 354}) {
            for (int type : new int[] {0x0000, 0x0003, 0x0101, 0x0201, 0xda7a}) {
                byte[] other = new byte[length];
                other[0] = (byte) (type >> 8);
                other[1] = (byte) type;
                assertFault(Fault.WRONG_TOKEN_TYPE, () -> Token.parse(other));
            }
        }
        byte[] greased =
                Vectors.read("rfc9577-tokens.json").getLast().hex("token_authenticator_input");
        assertFault(Fault.WRONG_TOKEN_TYPE, () -> Token.parse(greased));
    }

    @Test
    void doesNotShowItsContent() throws TokenFormatException {
        assertThat(Token.parse(wire).toString()).doesNotContain("aa72").contains("32 bytes");
    }

    private static byte[] vector(TokenType type) {
        String file =
                switch (type) {
                    case VOPRF -> "rfc9578-type1.json";
                    case BLIND_RSA -> "rfc9578-type2.json";
                };
        return Vectors.read(file).getFirst().hex("token");
    }
}
