package org.masquerelay.token.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.token.TokenFaults.assertFault;
import static org.masquerelay.token.TokenFaults.assertRefused;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.Vectors;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.ScheduledKey;
import org.masquerelay.token.issuance.VoprfKeyPair;

class PemKeysTest {
    private final Vectors vector = Vectors.read("rfc9578-type2.json").getFirst();
    private final IssuerKeyPair key = only(vector.hex("skS"));

    PemKeysTest() throws TokenFormatException {}

    @Test
    void roundTripsKeysOfBothTypesWithTheirTimes() throws TokenFormatException {
        var start = Instant.parse("2030-01-01T00:00:00Z");
        var voprf = VoprfKeyPair.generate(new SecureRandom());
        var set =
                new IssuerKeySet(
                        List.of(
                                ScheduledKey.always(key),
                                new ScheduledKey(voprf, start, start.plusSeconds(90))));

        var read = PemKeys.parse(PemKeys.format(set).getBytes(US_ASCII));

        assertThat(read.keys())
                .extracting(ScheduledKey::notBefore)
                .containsExactly(start, Instant.EPOCH);
        assertThat(read.keys())
                .extracting(ScheduledKey::notAfter)
                .containsExactly(start.plusSeconds(90), Instant.MAX);
        assertThat(read.keys())
                .extracting(scheduled -> scheduled.pair().publicKey())
                .containsExactly(voprf.publicKey(), key.publicKey());
        assertThat(PemKeys.format(read)).isEqualTo(PemKeys.format(set));
    }

    @Test
    void readsTheVoprfKeysOfOtherTools() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"));
        var pair = generator.generateKeyPair();
        var point = ((ECPublicKey) pair.getPublic()).getW();

        byte[] encoded = only(pair.getPrivate().getEncoded()).publicKey().encoded().toArray();

        assertThat(encoded[0]).isEqualTo((byte) (point.getAffineY().testBit(0) ? 3 : 2));
        assertThat(new BigInteger(1, Arrays.copyOfRange(encoded, 1, 49)))
                .isEqualTo(point.getAffineX());
    }

    @Test
    void refusesKeysThatRequestsCannotTellApart() {
        String pem = PemKeys.format(IssuerKeySet.of(key));
        assertFault(Fault.KEY_FILE, () -> PemKeys.parse((pem + pem).getBytes(US_ASCII)));
    }

    @Test
    void refusesTimesThatAreNone() {
        String pem = PemKeys.format(IssuerKeySet.of(key));
        for (String time :
                List.of("not-before: soon", "not-after: 1", "not-after: 1960-01-01T00:00:00Z")) {
            assertFault(
                    Fault.KEY_FILE, () -> PemKeys.parse((time + "\n" + pem).getBytes(US_ASCII)));
        }
    }

    @Test
    void readsPemAmongOtherTextAndDer() throws TokenFormatException {
        String pem =
                "# key of the issuer\r\n"
                        + PemKeys.format(IssuerKeySet.of(key)).replace("\n", "\r\n");

        assertThat(only(pem.getBytes(US_ASCII)).publicKey()).isEqualTo(key.publicKey());
        assertThat(only(key.toPkcs8()).publicKey()).isEqualTo(key.publicKey());
    }

    @Test
    void readsRsaKeysInPkcs1() throws Exception {
        String pem = pkcs1(key);

        assertThat(only(pem.getBytes(US_ASCII)).publicKey()).isEqualTo(key.publicKey());

        var voprf = VoprfKeyPair.generate(new SecureRandom());
        var both =
                "not-after: 2030-01-01T00:00:00Z\n" + pem + PemKeys.format(IssuerKeySet.of(voprf));
        assertThat(PemKeys.parse(both.getBytes(US_ASCII)).keys())
                .extracting(ScheduledKey::notAfter)
                .containsExactlyInAnyOrder(Instant.parse("2030-01-01T00:00:00Z"), Instant.MAX);
    }

    @Test
    void refusesBlocksThatEndAsOthersBegin() throws Exception {
        String pem = pkcs1(key);
        String other = PemKeys.format(IssuerKeySet.of(key));
        for (String broken :
                List.of(
                        pem.replace("END RSA PRIVATE", "END PRIVATE"),
                        other.replace("END PRIVATE", "END RSA PRIVATE"),
                        pem.substring(0, 200) + "\n" + other)) {
            assertFault(Fault.KEY_FILE, () -> PemKeys.parse(broken.getBytes(US_ASCII)));
        }
        assertFault(
                Fault.PRIVATE_KEY,
                () -> PemKeys.parse(other.replace("PRIVATE", "RSA PRIVATE").getBytes(US_ASCII)));
    }

    private static String pkcs1(IssuerKeyPair pair) throws IOException {
        byte[] der =
                PrivateKeyInfo.getInstance(pair.toPkcs8())
                        .parsePrivateKey()
                        .toASN1Primitive()
                        .getEncoded();
        return "-----BEGIN RSA PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(der)
                + "\n-----END RSA PRIVATE KEY-----\n";
    }

    @Test
    void readsKeysUnderIdRsassaPss() throws Exception {
        var pss = KeyFactory.getInstance("RSASSA-PSS").generatePrivate(spec(0));
        assertThat(only(pss.getEncoded()).publicKey()).isEqualTo(key.publicKey());
    }

    @Test
    void refusesKeysWhosePartsDoNotBelongTogether() throws Exception {
        var faulty = KeyFactory.getInstance("RSA").generatePrivate(spec(2));
        assertFault(Fault.PRIVATE_KEY, () -> PemKeys.parse(faulty.getEncoded()));
    }

    @Test
    void refusesOtherKinds() throws Exception {
        var p256 = KeyPairGenerator.getInstance("EC");
        p256.initialize(new ECGenParameterSpec("secp256r1"));
        var elliptic = p256.generateKeyPair().getPrivate();
        assertFault(Fault.PRIVATE_KEY, () -> PemKeys.parse(elliptic.getEncoded()));
        String encrypted =
                PemKeys.format(IssuerKeySet.of(key)).replace("PRIVATE", "ENCRYPTED PRIVATE");
        assertFault(Fault.PRIVATE_KEY, () -> PemKeys.parse(encrypted.getBytes(US_ASCII)));
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        var small = generator.generateKeyPair().getPrivate();
        assertFault(Fault.KEY_SIZE, () -> PemKeys.parse(small.getEncoded()));
    }

    @Test
    void refusesEveryPrefix() throws IOException {
        byte[] pem = PemKeys.format(IssuerKeySet.of(key)).getBytes(US_ASCII);
        for (int length = 0; length < pem.length - 1; length++) {
            byte[] prefix = Arrays.copyOf(pem, length);
            assertRefused("length " + length, () -> PemKeys.parse(prefix));
        }
        byte[] pkcs1 = pkcs1(key).getBytes(US_ASCII);
        for (int length = 0; length < pkcs1.length - 1; length++) {
            byte[] prefix = Arrays.copyOf(pkcs1, length);
            assertRefused("length " + length, () -> PemKeys.parse(prefix));
        }
        byte[] der = key.toPkcs8();
        for (int length = 0; length < der.length; length++) {
            byte[] prefix = Arrays.copyOf(der, length);
            assertRefused("length " + length, () -> PemKeys.parse(prefix));
        }
    }

    private static IssuerKeyPair only(byte[] content) throws TokenFormatException {
        var keys = PemKeys.parse(content).keys();
        assertThat(keys).hasSize(1);
        return keys.getFirst().pair();
    }

    private RSAPrivateCrtKeySpec spec(int error) throws Exception {
        var rsa =
                (RSAPrivateCrtKey)
                        KeyFactory.getInstance("RSA")
                                .generatePrivate(new PKCS8EncodedKeySpec(key.toPkcs8()));
        return new RSAPrivateCrtKeySpec(
                rsa.getModulus(),
                rsa.getPublicExponent(),
                rsa.getPrivateExponent(),
                rsa.getPrimeP(),
                rsa.getPrimeQ(),
                rsa.getPrimeExponentP().add(BigInteger.valueOf(error)),
                rsa.getPrimeExponentQ(),
                rsa.getCrtCoefficient());
    }
}
