package org.masquerelay.token.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.ScriptedRandom;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.VoprfKey;
import org.masquerelay.token.issuance.TokenIssuer.Issuance.Issued;

/// Tokens of type 0x0001 from end to end (RFC 9578, section 5).
class VoprfIssuanceTest {
    private static final int LENGTH = 145;

    // FIPS 186-5: the order of P-384.
    private static final BigInteger ORDER =
            new BigInteger(
                    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
                            + "581a0db248b0a77aecec196accc52973",
                    16);

    // RFC 9578, appendix B.1, and those of another implementation.
    static Stream<Vectors> issuances() {
        return Stream.of("rfc9578-type1.json", "rfc9578-type1-rust.json")
                .flatMap(file -> Vectors.read(file).stream());
    }

    @ParameterizedTest
    @MethodSource("issuances")
    void makesEveryPublishedMessage(Vectors vector) throws TokenFormatException {
        var keys = VoprfKeyPair.parse(vector.hex("skS"));
        assertThat(keys.publicKey().encoded()).isEqualTo(vector.bytes("pkS"));

        var pending = start(vector);
        assertThat(pending.request()).isEqualTo(vector.hex("token_request"));

        byte[] response = vector.hex("token_response");
        var issuer = new TokenIssuer(List.of(keys), new ScriptedRandom(nonceOfProof(vector)));
        assertThat(issuer.issue(pending.request()))
                .isEqualTo(new Issued(TokenResponse.parse(TokenType.VOPRF, response)));

        var token = pending.finish(response);
        assertThat(token.serialise()).isEqualTo(vector.hex("token"));
        assertThat(keys.verifyingKey().verify(token)).isTrue();
    }

    @Test
    void refusesResponsesWithAnyByteChanged() throws TokenFormatException {
        var vector = Vectors.read("rfc9578-type1.json").getFirst();
        var pending = start(vector);
        for (int at = 0; at < LENGTH; at += 3) {
            byte[] response = vector.hex("token_response");
            response[at] ^= 1;
            try {
                pending.finish(response);
                throw new AssertionError("byte " + at + " is not noticed");
            } catch (TokenFormatException e) {
                // Half of the changed x coordinates are not on the curve.
                assertThat(e.fault()).isIn(Fault.PROOF, Fault.ELEMENT);
                assertThat(at < 49 || e.fault() == Fault.PROOF).isTrue();
            }
        }
    }

    @Test
    void refusesResponsesOfEveryOtherLength() throws TokenFormatException {
        var vector = Vectors.read("rfc9578-type1.json").getFirst();
        var pending = start(vector);
        for (int length = 0; length <= 2 * LENGTH; length++) {
            byte[] response = Arrays.copyOf(vector.hex("token_response"), length);
            if (length != LENGTH) {
                assertFault(Fault.WRONG_LENGTH, () -> pending.finish(response));
            }
        }
    }

    // An issuer that answers each client with a key of its own could tell them apart later.
    @Test
    void refusesAnAnswerOfAnotherKeyThanTheDirectoryLists() throws TokenFormatException {
        var vector = Vectors.read("rfc9578-type1.json").getFirst();
        var pending = start(vector);
        var other = VoprfKeyPair.generate(new SecureRandom());
        var message = TokenRequest.parse(pending.request()).blindedMessage();
        byte[] response = other.blindSign(message, new SecureRandom()).serialise();

        assertFault(Fault.PROOF, () -> pending.finish(response));
    }

    @Test
    void verifiesWithThePrivateKeyOnly() throws TokenFormatException {
        var vector = Vectors.read("rfc9578-type1.json").getFirst();
        var token = Token.parse(vector.hex("token"));
        var other = VoprfKeyPair.generate(new SecureRandom()).verifyingKey();

        assertThat(other.verify(token)).isFalse();
        var renamed =
                new Token(
                        TokenType.VOPRF,
                        token.nonce(),
                        token.challengeDigest(),
                        other.publicKey().tokenKeyId(),
                        token.authenticator());
        assertThat(other.verify(renamed)).isFalse();
    }

    @Test
    void asksNoKeyForATypeItDoesNotMake() throws TokenFormatException {
        var vector = Vectors.read("rfc9578-type1.json").getFirst();
        var key = VoprfKey.parse(vector.hex("pkS"));
        var challenge = TokenChallenge.blindRsa("issuer.example", ImmutableBytes.EMPTY, List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PendingToken.start(challenge, key, new SecureRandom()));
    }

    /// The random scalar of the published proof, which is not published, but follows from the key.
    private static byte[] nonceOfProof(Vectors vector) {
        byte[] response = vector.hex("token_response");
        var challenge = new BigInteger(1, Arrays.copyOfRange(response, 49, 97));
        var answer = new BigInteger(1, Arrays.copyOfRange(response, 97, 145));
        var key = new BigInteger(1, vector.hex("skS"));
        return HexFormat.of()
                .parseHex("%096x".formatted(answer.add(challenge.multiply(key)).mod(ORDER)));
    }

    private static PendingToken start(Vectors vector) throws TokenFormatException {
        // Some of these challenges name an issuer that is no server name, so they do not parse.
        return PendingToken.start(
                ImmutableBytes.sha256Of(vector.hex("token_challenge")),
                VoprfKey.parse(vector.hex("pkS")),
                new ScriptedRandom(vector.hex("nonce"), vector.hex("blind")));
    }
}
