package org.masquerelay.token.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.ScriptedRandom;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.issuance.TokenIssuer.Issuance.Issued;
import org.masquerelay.token.keys.PemKeys;

class PendingTokenTest {
    private static final int LENGTH = 256;

    // RFC 9578, appendix B.2, and those of another implementation.
    static List<Vectors> issuancesOfRfc9578() {
        return Stream.concat(
                        Vectors.read("rfc9578-type2.json").stream(),
                        Vectors.read("rfc9578-type2-rust.json").stream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("issuancesOfRfc9578")
    void makesEveryMessageOfRfc9578(Vectors vector) throws TokenFormatException {
        var keys = (BlindRsaKeyPair) PemKeys.parse(vector.hex("skS")).keys().getFirst().pair();
        assertThat(keys.publicKey().encoded().toArray()).isEqualTo(vector.hex("pkS"));

        var pending = start(vector);
        assertThat(pending.request()).isEqualTo(vector.hex("token_request"));

        var answer = new TokenIssuer(List.of(keys)).issue(pending.request());
        assertThat(answer)
                .isEqualTo(
                        new Issued(
                                TokenResponse.parse(
                                        TokenType.BLIND_RSA, vector.hex("token_response"))));

        var token = pending.finish(vector.hex("token_response"));
        assertThat(token.serialise()).isEqualTo(vector.hex("token"));
        assertThat(keys.publicKey().verify(token)).isTrue();
    }

    @Test
    void refusesResponsesThatAreNotTheSignature() throws TokenFormatException {
        var vector = issuancesOfRfc9578().getFirst();
        var pending = start(vector);
        for (int at = 0; at < LENGTH; at += 15) {
            byte[] response = vector.hex("token_response");
            response[at] ^= 1;
            assertFault(Fault.SIGNATURE, () -> pending.finish(response));
        }
    }

    @Test
    void refusesResponsesOfEveryOtherLength() throws TokenFormatException {
        var vector = issuancesOfRfc9578().getFirst();
        var pending = start(vector);
        for (int length = 0; length <= 2 * LENGTH; length++) {
            byte[] response = Arrays.copyOf(vector.hex("token_response"), length);
            if (length != LENGTH) {
                assertFault(Fault.WRONG_LENGTH, () -> pending.finish(response));
            }
        }
    }

    @Test
    void drawsEveryTokenAnew() throws TokenFormatException {
        var vector = issuancesOfRfc9578().getFirst();
        var challenge = TokenChallenge.parse(vector.hex("token_challenge"));
        var key = BlindRsaKey.parse(vector.hex("pkS"));
        var random = new SecureRandom();

        assertThat(PendingToken.start(challenge, key, random).request())
                .isNotEqualTo(PendingToken.start(challenge, key, random).request());
    }

    private static PendingToken start(Vectors vector) throws TokenFormatException {
        var random =
                new ScriptedRandom(vector.hex("nonce"), vector.hex("salt"), vector.hex("blind"));
        // Some of these challenges name an issuer that is no server name, so they do not parse.
        return PendingToken.start(
                ImmutableBytes.sha256Of(vector.hex("token_challenge")),
                BlindRsaKey.parse(vector.hex("pkS")),
                random);
    }
}
