package org.masquerelay.token.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.issuance.TokenIssuer.Issuance;
import org.masquerelay.token.issuance.TokenIssuer.Reason;
import org.masquerelay.token.keys.PemKeys;

class TokenIssuerTest {
    private final Vectors vector = Vectors.read("rfc9578-type2.json").getFirst();
    private final byte[] request = vector.hex("token_request");
    private final BlindRsaKeyPair key =
            (BlindRsaKeyPair) PemKeys.parse(vector.hex("skS")).keys().getFirst().pair();
    private final TokenIssuer issuer = new TokenIssuer(List.of(key));

    TokenIssuerTest() throws TokenFormatException {}

    @Test
    void refusesOtherTokenTypes() {
        for (int type : new int[] {0x0000, 0x0003, 0x0102, 0xda7a}) {
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
        for (int length = 0; length <= 600; length++) {
            if (length != request.length) {
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
    void refusesATypeItHasNoKeyOf() {
        byte[] voprf = voprf().hex("token_request");
        assertThat(issuer.issue(voprf)).isEqualTo(new Issuance.Refused(Reason.WRONG_TOKEN_TYPE));
    }

    @Test
    void findsTheKeyByTypeAndTruncatedId() throws TokenFormatException {
        var random = new SecureRandom();
        var keys = new ArrayList<IssuerKeyPair>();
        keys.add(key);
        keys.add(VoprfKeyPair.parse(voprf().hex("skS")));
        while (keys.size() < 8) {
            var more = VoprfKeyPair.generate(random);
            int id = more.publicKey().truncatedTokenKeyId();
            // One has to have the id of the RSA key, which is of another type.
            if (keys.size() > 2 || id == key.publicKey().truncatedTokenKeyId()) {
                if (keys.stream()
                        .filter(VoprfKeyPair.class::isInstance)
                        .noneMatch(other -> other.publicKey().truncatedTokenKeyId() == id)) {
                    keys.add(more);
                }
            }
        }
        var several = new TokenIssuer(keys);
        for (var each : keys) {
            var challenge =
                    TokenChallenge.of(
                            each.type(), "issuer.example", ImmutableBytes.EMPTY, List.of());
            var pending = PendingToken.start(challenge, each.publicKey(), random);
            if (!(several.issue(pending.request()) instanceof Issuance.Issued(var response))) {
                throw new AssertionError("not issued");
            }
            assertThat(each.verifyingKey().verify(pending.finish(response.serialise()))).isTrue();
        }
    }

    @Test
    void refusesVoprfMessagesThatAreNoElements() throws TokenFormatException {
        var both = new TokenIssuer(List.of(key, VoprfKeyPair.parse(voprf().hex("skS"))));
        byte[] asked = voprf().hex("token_request");
        assertThat(both.issue(asked)).isInstanceOf(Issuance.Issued.class);

        Arrays.fill(asked, 3, asked.length, (byte) 0);
        assertThat(both.issue(asked)).isEqualTo(new Issuance.Refused(Reason.MESSAGE_OUT_OF_RANGE));
        Arrays.fill(asked, 3, asked.length, (byte) 0xff);
        asked[3] = 2;
        assertThat(both.issue(asked)).isEqualTo(new Issuance.Refused(Reason.MESSAGE_OUT_OF_RANGE));
        assertThat(both.issue(Arrays.copyOf(asked, request.length)))
                .isEqualTo(new Issuance.Refused(Reason.WRONG_LENGTH));
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

    private static Vectors voprf() {
        return Vectors.read("rfc9578-type1.json").getFirst();
    }

    private void assertRefused(Reason reason) {
        assertThat(issuer.issue(request)).isEqualTo(new Issuance.Refused(reason));
    }
}
