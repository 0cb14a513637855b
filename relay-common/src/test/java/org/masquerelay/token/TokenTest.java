package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.TokenFormatException.Fault;

class TokenTest {
    private final byte[] wire = Vectors.read("rfc9578-type2.json").getFirst().hex("token");

    @Test
    void roundTrips() throws TokenFormatException {
        assertThat(Token.parse(wire).serialise()).isEqualTo(wire);
        assertThat(Token.parse(wire)).isEqualTo(Token.parse(wire.clone()));
    }

    @Test
    void refusesEveryOtherLength() {
        for (int length = 0; length <= 2 * Token.LENGTH; length++) {
            byte[] other = Arrays.copyOf(wire, length);
            if (length != Token.LENGTH) {
                var fault = length < 2 ? Fault.TRUNCATED : Fault.WRONG_LENGTH;
                assertFault(fault, () -> Token.parse(other));
            }
        }
    }

    @Test
    void refusesOtherTypesWhateverTheirLength() {
        byte[] type1 = new byte[146];
        type1[1] = 1;
        assertFault(Fault.WRONG_TOKEN_TYPE, () -> Token.parse(type1));
        byte[] greased =
                Vectors.read("rfc9577-tokens.json").getLast().hex("token_authenticator_input");
        assertFault(Fault.WRONG_TOKEN_TYPE, () -> Token.parse(greased));
    }

    @Test
    void doesNotShowItsContent() throws TokenFormatException {
        assertThat(Token.parse(wire).toString()).doesNotContain("aa72").contains("32 bytes");
    }
}
