package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.token.TokenFaults.assertFault;
import static org.masquerelay.token.TokenFaults.assertRefused;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.TokenFormatException.Fault;

class BlindRsaKeyTest {
    private static final String SHA384_ONLY = "300b0609608648016503040202";
    private final Vectors vector = Vectors.read("rfc9578-type2.json").getFirst();
    private final byte[] spki = vector.hex("pkS");

    @Test
    void namesTheKeyAsRfc9578Does() throws TokenFormatException {
        var key = BlindRsaKey.parse(spki);
        byte[] id = Token.parse(vector.hex("token")).tokenKeyId().toArray();

        assertThat(key.tokenKeyId().toArray()).isEqualTo(id);
        assertThat(key.truncatedTokenKeyId()).isEqualTo(0x08);
    }

    @Test
    void writesTheStructureOfRfc9578() throws TokenFormatException {
        var key = BlindRsaKey.ofModulus(BlindRsaKey.parse(spki).rsa().getModulus());

        assertThat(key.encoded().toArray()).isEqualTo(spki);
        assertThat(key)
                .isEqualTo(BlindRsaKey.parse(spki))
                .hasSameHashCodeAs(BlindRsaKey.parse(spki));
    }

    @Test
    void refusesTheObjectIdentifierRsaEncryption() throws Exception {
        var plain =
                KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus(), f4()));
        assertFault(Fault.ISSUER_KEY, () -> BlindRsaKey.parse(plain.getEncoded()));
    }

    @Test
    void refusesOtherParameters() throws Exception {
        var sha256 = new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);
        var mixed = new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA256, 48, 1);
        var unsalted = new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 0, 1);
        for (var parameters : new PSSParameterSpec[] {sha256, mixed, unsalted, null}) {
            byte[] encoded = encode(modulus(), f4(), parameters);
            assertFault(Fault.ISSUER_KEY, () -> BlindRsaKey.parse(encoded));
        }
    }

    @Test
    void refusesOtherSizes() throws Exception {
        for (int bits : new int[] {1024, 3072}) {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            var modulus = ((RSAPublicKey) generator.generateKeyPair().getPublic()).getModulus();
            byte[] encoded = encode(modulus, f4(), RsaPss.PARAMETERS);
            assertFault(Fault.KEY_SIZE, () -> BlindRsaKey.parse(encoded));
            assertFault(Fault.KEY_SIZE, () -> BlindRsaKey.ofModulus(modulus));
        }
        byte[] smallExponent = encode(modulus(), BigInteger.valueOf(3), RsaPss.PARAMETERS);
        assertFault(Fault.KEY_SIZE, () -> BlindRsaKey.parse(smallExponent));
        assertFault(Fault.KEY_SIZE, () -> BlindRsaKey.ofModulus(modulus().negate()));
    }

    @Test
    void takesTheSameKeyWrittenWithNullsForAnotherKey() throws Exception {
        byte[] withNulls = encode(modulus(), f4(), RsaPss.PARAMETERS);

        assertThat(HexFormat.of().formatHex(withNulls)).doesNotContain(SHA384_ONLY);
        assertThat(BlindRsaKey.parse(withNulls).tokenKeyId())
                .isNotEqualTo(BlindRsaKey.parse(spki).tokenKeyId());
    }

    @Test
    void refusesEveryPrefixAndTrailingBytes() {
        for (int length = 0; length < spki.length; length++) {
            byte[] prefix = Arrays.copyOf(spki, length);
            assertRefused("length " + length, () -> BlindRsaKey.parse(prefix));
        }
        assertRefused("one more", () -> BlindRsaKey.parse(Arrays.copyOf(spki, spki.length + 1)));
        assertRefused("far more", () -> BlindRsaKey.parse(Arrays.copyOf(spki, 1 << 20)));
    }

    @Test
    void throwsNothingElseForBrokenBytes() {
        var random = new Random(9578);
        for (int round = 0; round < 3000; round++) {
            byte[] broken = spki.clone();
            broken[random.nextInt(90)] = (byte) random.nextInt();
            try {
                BlindRsaKey.parse(broken);
            } catch (TokenFormatException e) {
                assertThat(e.fault()).isIn(Fault.ISSUER_KEY, Fault.KEY_SIZE);
            }
        }
    }

    @Test
    void verifiesOnlyTokensThatNameIt() throws TokenFormatException {
        var token = Token.parse(vector.hex("token"));
        var other = BlindRsaKey.ofModulus(modulus().add(BigInteger.TWO));

        assertThat(BlindRsaKey.parse(spki).verify(token)).isTrue();
        assertThat(other.verify(token)).isFalse();
    }

    private BigInteger modulus() throws TokenFormatException {
        return BlindRsaKey.parse(spki).rsa().getModulus();
    }

    private static BigInteger f4() {
        return BlindRsaKey.PUBLIC_EXPONENT;
    }

    private static byte[] encode(
            BigInteger modulus, BigInteger exponent, @Nullable PSSParameterSpec parameters)
            throws GeneralSecurityException {
        var spec = new RSAPublicKeySpec(modulus, exponent, parameters);
        return KeyFactory.getInstance("RSASSA-PSS").generatePublic(spec).getEncoded();
    }
}
