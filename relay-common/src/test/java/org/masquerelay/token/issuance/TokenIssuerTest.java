package org.masquerelay.token.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.issuance.TokenIssuer.Issuance;
import org.masquerelay.token.issuance.TokenIssuer.Reason;

class TokenIssuerTest {
    private final Vectors vector = Vectors.read("rfc9578-type2.json").getFirst();
    private final byte[] request = vector.hex("token_request");
    private final IssuerKeyPair key = IssuerKeyFile.parse(vector.hex("skS"));
    private final TokenIssuer issuer = new TokenIssuer(List.of(key));

    TokenIssuerTest() throws TokenFormatException {}

    @Test
    void refusesOtherTokenTypes() {
        for (int type : new int[] {0x0000, 0x0001, 0x0102, 0xda7a}) {
            request[0] = (byte) (type >> 8);
            request[1] = (byte) type;
            assertRefused(Reason.WRONG_TOKEN_TYPE);
        }
    }

    @Test
    void refusesEveryTruncatedKeyIdButItsOwn() {
        for (int id = 0; id <= 0xff; id++) {
            request[2] = (byte) id;
            if (id != key.publicKey().truncatedTokenKeyId()) {
                assertRefused(Reason.UNKNOWN_KEY);
            }
        }
    }

    @Test
    void refusesEveryOtherLength() {
        for (int length = 0; length <= 2 * TokenRequest.LENGTH; length++) {
            if (length != TokenRequest.LENGTH) {
                assertThat(issuer.issue(Arrays.copyOf(request, length)))
                        .isEqualTo(new Issuance.Refused(Reason.WRONG_LENGTH));
            }
        }
    }

    @Test
    void refusesMessagesThatAreNotBelowTheModulus() {
        byte[] modulus = key.publicKey().rsa().getModulus().toByteArray();
        System.arraycopy(modulus, 1, request, 3, 256);
        assertRefused(Reason.MESSAGE_OUT_OF_RANGE);
        Arrays.fill(request, 3, request.length, (byte) 0xff);
        assertRefused(Reason.MESSAGE_OUT_OF_RANGE);
    }

    @Test
    void answersEveryRefusalWith422() {
        assertThat(Reason.values()).allMatch(reason -> reason.status() == 422);
    }

    @Test
    void doesNotStartWithKeysItCannotTellApart() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenIssuer(List.of(key, key)))
                .withMessageContaining("truncated key id 8");
    }

    private void assertRefused(Reason reason) {
        assertThat(issuer.issue(request)).isEqualTo(new Issuance.Refused(reason));
    }
}
