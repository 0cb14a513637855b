package org.masquerelay.token.voprf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.ScriptedRandom;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.voprf.VoprfException.Fault;

class VoprfTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] INPUT = {1, 2, 3};

    // RFC 9497, appendix A.4.2.
    static List<Vectors> evaluationsOfRfc9497() {
        return Vectors.read("rfc9497-p384-voprf.json");
    }

    @ParameterizedTest
    @MethodSource("evaluationsOfRfc9497")
    void derivesTheKeysOfRfc9497(Vectors vector) {
        var key = VoprfSecretKey.derive(vector.hex("seed"), vector.hex("keyInfo"));

        assertThat(key.toBytes()).isEqualTo(vector.hex("skSm"));
        assertThat(key.publicKey().toBytes()).isEqualTo(vector.hex("pkSm"));
    }

    @ParameterizedTest
    @MethodSource("evaluationsOfRfc9497")
    void makesEveryMessageOfRfc9497(Vectors vector) throws VoprfException {
        var key = VoprfSecretKey.parse(vector.hex("skSm"));
        var inputs = new ArrayList<BlindedInput>();
        for (int i = 0; i < list(vector, "input").size(); i++) {
            var random = new ScriptedRandom(list(vector, "blind").get(i));
            inputs.add(BlindedInput.of(list(vector, "input").get(i), random));
        }
        var blinded = inputs.stream().map(BlindedInput::element).toList();
        assertThat(blinded).containsExactlyElementsOf(list(vector, "blindedElement"));

        var answer =
                key.blindEvaluate(blinded, new ScriptedRandom(vector.hex("proofRandomScalar")));
        assertThat(answer.elements()).containsExactlyElementsOf(list(vector, "evaluationElement"));
        assertThat(answer.proof()).isEqualTo(vector.hex("proof"));

        var outputs =
                BlindedInput.finishAll(
                        inputs, key.publicKey(), answer.elements(), vector.hex("proof"));
        assertThat(outputs).containsExactlyElementsOf(list(vector, "output"));
        for (int i = 0; i < outputs.size(); i++) {
            assertThat(key.evaluate(list(vector, "input").get(i))).isEqualTo(outputs.get(i));
        }
    }

    @Test
    void refusesProofsWithAnyByteChanged() throws VoprfException {
        var key = VoprfSecretKey.generate(RANDOM);
        var input = BlindedInput.of(INPUT, RANDOM);
        var answer = key.blindEvaluate(List.of(input.element()), RANDOM);
        for (int at = 0; at < BlindedInput.PROOF_LENGTH; at += 5) {
            byte[] proof = answer.proof();
            proof[at] ^= 1;
            assertFault(
                    Fault.PROOF,
                    () -> input.finish(key.publicKey(), answer.elements().getFirst(), proof));
        }
    }

    @Test
    void refusesAnswersOfAnotherKey() throws VoprfException {
        var key = VoprfSecretKey.generate(RANDOM);
        var other = VoprfSecretKey.generate(RANDOM);
        var input = BlindedInput.of(INPUT, RANDOM);
        var answer = other.blindEvaluate(List.of(input.element()), RANDOM);

        assertFault(
                Fault.PROOF,
                () -> input.finish(key.publicKey(), answer.elements().getFirst(), answer.proof()));
    }

    @Test
    void refusesTheAnswerToAnotherInput() throws VoprfException {
        var key = VoprfSecretKey.generate(RANDOM);
        var input = BlindedInput.of(INPUT, RANDOM);
        var other = BlindedInput.of(INPUT, RANDOM);
        var answer = key.blindEvaluate(List.of(other.element()), RANDOM);

        assertFault(
                Fault.PROOF,
                () -> input.finish(key.publicKey(), answer.elements().getFirst(), answer.proof()));
    }

    @Test
    void refusesElementsThatAreNotCompressedPointsInTheirOnlyForm() throws VoprfException {
        byte[] element = BlindedInput.of(INPUT, RANDOM).element();
        byte[] prime = P384.CURVE.getField().getCharacteristic().toByteArray();
        byte[] hybrid = element.clone();
        hybrid[0] = 4;
        byte[] infinity = new byte[BlindedInput.ELEMENT_LENGTH];
        byte[] notBelowPrime = new byte[BlindedInput.ELEMENT_LENGTH];
        notBelowPrime[0] = 2;
        System.arraycopy(prime, 1, notBelowPrime, 1, 48);
        var refused =
                List.of(
                        new byte[0],
                        new byte[1], // infinity in its SEC 1 form
                        infinity,
                        hybrid,
                        notBelowPrime,
                        offCurve(),
                        Arrays.copyOf(element, 48),
                        Arrays.copyOf(element, 50),
                        P384.GENERATOR.getEncoded(false));
        var key = VoprfSecretKey.generate(RANDOM);
        for (byte[] wire : refused) {
            assertFault(Fault.ELEMENT, () -> key.blindEvaluate(List.of(wire), RANDOM));
            assertFault(Fault.ELEMENT, () -> VoprfPublicKey.parse(wire));
        }
    }

    @Test
    void refusesKeysThatAreZeroOrNotBelowTheOrder() throws VoprfException {
        byte[] order = P384.write(P384.ORDER);
        for (byte[] wire : List.of(new byte[48], order, new byte[47], new byte[49], new byte[0])) {
            assertFault(Fault.SCALAR, () -> VoprfSecretKey.parse(wire));
        }
        byte[] greatest = P384.write(P384.ORDER.subtract(BigInteger.ONE));
        assertThat(VoprfSecretKey.parse(greatest).toBytes()).isEqualTo(greatest);
    }

    @Test
    void refusesProofsWithScalarsNotBelowTheOrder() throws VoprfException {
        var key = VoprfSecretKey.generate(RANDOM);
        var input = BlindedInput.of(INPUT, RANDOM);
        var answer = key.blindEvaluate(List.of(input.element()), RANDOM);
        byte[] proof = answer.proof();
        System.arraycopy(P384.write(P384.ORDER), 0, proof, 48, 48);

        assertFault(
                Fault.SCALAR,
                () -> input.finish(key.publicKey(), answer.elements().getFirst(), proof));
    }

    @Test
    void drawsScalarsAgainThatAreZeroOrNotBelowTheOrder() {
        byte[] order = P384.write(P384.ORDER);
        byte[] one = P384.write(BigInteger.ONE);

        assertThat(P384.randomScalar(new ScriptedRandom(new byte[48], order, one)))
                .isEqualTo(BigInteger.ONE);
    }

    @Test
    void multipliesSecretlyAsItDoesOpenly() {
        var element = P384.GENERATOR.multiply(BigInteger.valueOf(7)).normalize();
        for (var scalar :
                List.of(
                        BigInteger.ONE,
                        BigInteger.TWO,
                        P384.ORDER.subtract(BigInteger.ONE),
                        P384.randomScalar(RANDOM))) {
            assertThat(P384.multiplySecretly(element, scalar))
                    .isEqualTo(element.multiply(scalar).normalize());
            assertThat(P384.multiplySecretly(scalar, P384.ORDER.subtract(BigInteger.TWO)))
                    .isEqualTo(scalar.multiply(BigInteger.TWO).negate().mod(P384.ORDER));
        }
    }

    private static byte[] offCurve() {
        byte[] wire = new byte[BlindedInput.ELEMENT_LENGTH];
        wire[0] = 2;
        for (int x = 0; ; x++) {
            wire[48] = (byte) x;
            try {
                P384.CURVE.decodePoint(wire);
            } catch (IllegalArgumentException e) {
                return wire;
            }
        }
    }

    private static List<byte[]> list(Vectors vector, String name) {
        return Arrays.stream(vector.text(name).split(",")).map(HexFormat.of()::parseHex).toList();
    }

    private static void assertFault(Fault fault, ThrowingCallable call) {
        var thrown = catchThrowableOfType(VoprfException.class, call);
        assertThat(thrown).isNotNull();
        assertThat(thrown.fault()).isEqualTo(fault);
    }
}
