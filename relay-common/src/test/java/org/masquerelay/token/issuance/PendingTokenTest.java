package org.masquerelay.token.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.ScriptedRandom;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.issuance.TokenIssuer.Issuance.Issued;

class PendingTokenTest {

    // RFC 9578, appendix B.2.
    static List<Vectors> issuancesOfRfc9578() {
        return Vectors.read("rfc9578-type2.json");
    }

    @ParameterizedTest
    @MethodSource("issuancesOfRfc9578")
    void makesEveryMessageOfRfc9578(Vectors vector) throws TokenFormatException {
        var keys = IssuerKeyFile.parse(vector.hex("skS"));
        assertThat(keys.publicKey().spki().toArray()).isEqualTo(vector.hex("pkS"));

        var pending = start(vector);
        assertThat(pending.request()).isEqualTo(vector.hex("token_request"));

        var answer = new TokenIssuer(List.of(keys)).issue(pending.request());
        assertThat(answer).isEqualTo(new Issued(TokenResponse.parse(vector.hex("token_response"))));

        var token = pending.finish(vector.hex("token_response"));
        assertThat(token.serialise()).isEqualTo(vector.hex("token"));
        assertThat(keys.publicKey().verify(token)).isTrue();
    }

    @Test
    void refusesResponsesThatAreNotTheSignature() throws TokenFormatException {
        var vector = issuancesOfRfc9578().getFirst();
        var pending = start(vector);
        for (int at = 0; at < TokenResponse.LENGTH; at += 15) {
            byte[] response = vector.hex("token_response");
            response[at] ^= 1;
            assertFault(Fault.SIGNATURE, () -> pending.finish(response));
        }
    }

    @Test
    void refusesResponsesOfEveryOtherLength() throws TokenFormatException {
        var vector = issuancesOfRfc9578().getFirst();
        var pending = start(vector);
        for (int length = 0; length <= 2 * TokenResponse.LENGTH; length++) {
            byte[] response = Arrays.copyOf(vector.hex("token_response"), length);
            if (length != TokenResponse.LENGTH) {
                assertFault(Fault.WRONG_LENGTH, () -> pending.finish(response));
            }
        }
    }

    @Test
    void drawsEveryTokenAnew() throws TokenFormatException {
        var vector = issuancesOfRfc9578().getFirst();
        var challenge = TokenChallenge.parse(vector.hex("token_challenge"));
        var key = IssuerKey.parse(vector.hex("pkS"));
        var random = new SecureRandom();

        assertThat(PendingToken.start(challenge, key, random).request())
                .isNotEqualTo(PendingToken.start(challenge, key, random).request());
    }

    private static PendingToken start(Vectors vector) throws TokenFormatException {
        var random =
                new ScriptedRandom(vector.hex("nonce"), vector.hex("salt"), vector.hex("blind"));
        return PendingToken.start(
                TokenChallenge.parse(vector.hex("token_challenge")),
                IssuerKey.parse(vector.hex("pkS")),
                random);
    }
}
