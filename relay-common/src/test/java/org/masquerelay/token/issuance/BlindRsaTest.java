package org.masquerelay.token.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.token.RsaPss;
import org.masquerelay.token.ScriptedRandom;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.Vectors;

/// RFC 9474, appendix A: a 4096-bit key, all four variants.
class BlindRsaTest {

    static List<Vectors> signaturesOfRfc9474() {
        return Vectors.read("rfc9474.json");
    }

    static List<Vectors> saltedSignaturesOfRfc9474() {
        return signaturesOfRfc9474().stream()
                .filter(vector -> vector.hex("salt").length == RsaPss.SALT_LENGTH)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("signaturesOfRfc9474")
    void encodesAndSignsAsRfc9474Does(Vectors vector) throws Exception {
        byte[] encoded = EmsaPss.encode(vector.hex("prepared_msg"), vector.hex("salt"), 4095);

        assertThat(encoded).isEqualTo(vector.hex("encoded_msg"));
        assertThat(BlindRsa.blindSign(privateKey(vector, 0), vector.hex("blinded_msg")))
                .isEqualTo(vector.hex("blind_sig"));
    }

    @ParameterizedTest
    @MethodSource("saltedSignaturesOfRfc9474")
    void blindsAndUnblindsAsRfc9474Does(Vectors vector) throws Exception {
        var key = publicKey(vector);
        byte[] message = vector.hex("prepared_msg");
        var inverse = new BigInteger(1, vector.hex("inv"));
        byte[] factor =
                HexFormat.of().parseHex("%01024x".formatted(inverse.modInverse(key.getModulus())));

        var blinded = BlindRsa.blind(key, message, new ScriptedRandom(vector.hex("salt"), factor));

        assertThat(blinded.message()).isEqualTo(vector.hex("blinded_msg"));
        assertThat(blinded.inverse()).isEqualTo(inverse);
        assertThat(BlindRsa.unblind(key, message, vector.hex("blind_sig"), inverse))
                .isEqualTo(vector.hex("sig"));
    }

    @Test
    void drawsTheFactorAgainUntilItIsBelowTheModulus() throws Exception {
        var vector = saltedSignaturesOfRfc9474().getLast();
        byte[] tooLarge = new byte[512];
        Arrays.fill(tooLarge, (byte) 0xff);
        byte[] one = new byte[512];
        one[511] = 1;
        var random =
                new ScriptedRandom(
                        vector.hex("salt"), tooLarge, new byte[512], vector.hex("n"), one);

        var blinded = BlindRsa.blind(publicKey(vector), vector.hex("prepared_msg"), random);

        assertThat(blinded.message()).isEqualTo(vector.hex("encoded_msg"));
    }

    @Test
    void signsNothingThatIsNotBelowTheModulus() throws Exception {
        var vector = signaturesOfRfc9474().getFirst();
        var key = privateKey(vector, 0);
        byte[] max = new byte[512];
        Arrays.fill(max, (byte) 0xff);

        assertFault(Fault.BLINDED_MESSAGE, () -> BlindRsa.blindSign(key, vector.hex("n")));
        assertFault(Fault.BLINDED_MESSAGE, () -> BlindRsa.blindSign(key, max));
        assertFault(Fault.WRONG_LENGTH, () -> BlindRsa.blindSign(key, new byte[511]));
        assertFault(Fault.WRONG_LENGTH, () -> BlindRsa.blindSign(key, new byte[513]));
    }

    @Test
    void releasesNoWrongSignature() throws Exception {
        var vector = signaturesOfRfc9474().getFirst();
        var faulty = privateKey(vector, 2);
        assertThatIllegalStateException()
                .isThrownBy(() -> BlindRsa.blindSign(faulty, vector.hex("blinded_msg")));
    }

    private static RSAPublicKey publicKey(Vectors vector) throws GeneralSecurityException {
        var spec = new RSAPublicKeySpec(number(vector, "n"), number(vector, "e"));
        return (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(spec);
    }

    /// The key, with an error in one of its exponents.
    private static RSAPrivateCrtKey privateKey(Vectors vector, int error)
            throws GeneralSecurityException {
        var p = number(vector, "p");
        var q = number(vector, "q");
        var d = number(vector, "d");
        var dp = d.mod(p.subtract(BigInteger.ONE)).add(BigInteger.valueOf(error));
        var dq = d.mod(q.subtract(BigInteger.ONE));
        var spec =
                new RSAPrivateCrtKeySpec(
                        number(vector, "n"), number(vector, "e"), d, p, q, dp, dq, q.modInverse(p));
        return (RSAPrivateCrtKey) KeyFactory.getInstance("RSA").generatePrivate(spec);
    }

    private static BigInteger number(Vectors vector, String name) {
        return new BigInteger(1, vector.hex(name));
    }
}
