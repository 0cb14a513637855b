package org.masquerelay.token.issuance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.masquerelay.token.TokenFaults.assertFault;
import static org.masquerelay.token.TokenFaults.assertRefused;

import java.math.BigInteger;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.Vectors;

class IssuerKeyFileTest {
    private final IssuerKeyPair key =
            IssuerKeyFile.parse(Vectors.read("rfc9578-type2.json").getFirst().hex("skS"));

    IssuerKeyFileTest() throws TokenFormatException {}

    @Test
    void loadsWhatItCreated(@TempDir Path directory) throws Exception {
        var file = new IssuerKeyFile(directory.resolve("issuer.pem"));
        var generated = IssuerKeyPair.generate(new SecureRandom());

        file.create(generated);

        assertThat(file.load().publicKey()).isEqualTo(generated.publicKey());
        assertThat(Files.getPosixFilePermissions(file.path()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void doesNotOverwriteAKey(@TempDir Path directory) throws Exception {
        var file = new IssuerKeyFile(directory.resolve("issuer.pem"));
        file.create(key);
        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> file.create(key));
    }

    @Test
    void readsPemAmongOtherTextAndDer() throws TokenFormatException {
        String pem = "# key of the issuer\r\n" + IssuerKeyFile.toPem(key).replace("\n", "\r\n");

        assertThat(IssuerKeyFile.parse(pem.getBytes(US_ASCII)).publicKey())
                .isEqualTo(key.publicKey());
        assertThat(IssuerKeyFile.parse(key.toPkcs8()).publicKey()).isEqualTo(key.publicKey());
    }

    @Test
    void readsKeysUnderIdRsassaPss() throws Exception {
        var pss = KeyFactory.getInstance("RSASSA-PSS").generatePrivate(spec(0));
        assertThat(IssuerKeyFile.parse(pss.getEncoded()).publicKey()).isEqualTo(key.publicKey());
    }

    @Test
    void refusesKeysWhosePartsDoNotBelongTogether() throws Exception {
        var faulty = KeyFactory.getInstance("RSA").generatePrivate(spec(2));
        assertFault(Fault.PRIVATE_KEY, () -> IssuerKeyFile.parse(faulty.getEncoded()));
    }

    @Test
    void refusesOtherKinds() throws Exception {
        var elliptic = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
        assertFault(Fault.PRIVATE_KEY, () -> IssuerKeyFile.parse(elliptic.getEncoded()));
        String encrypted = IssuerKeyFile.toPem(key).replace("PRIVATE", "ENCRYPTED PRIVATE");
        assertFault(Fault.PRIVATE_KEY, () -> IssuerKeyFile.parse(encrypted.getBytes(US_ASCII)));
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        var small = generator.generateKeyPair().getPrivate();
        assertFault(Fault.KEY_SIZE, () -> IssuerKeyFile.parse(small.getEncoded()));
    }

    @Test
    void refusesEveryPrefix(@TempDir Path directory) throws Exception {
        byte[] pem = IssuerKeyFile.toPem(key).getBytes(US_ASCII);
        for (int length = 0; length < pem.length - 1; length++) {
            byte[] prefix = Arrays.copyOf(pem, length);
            assertRefused("length " + length, () -> IssuerKeyFile.parse(prefix));
        }
        byte[] der = key.toPkcs8();
        for (int length = 0; length < der.length; length++) {
            byte[] prefix = Arrays.copyOf(der, length);
            assertRefused("length " + length, () -> IssuerKeyFile.parse(prefix));
        }
        var large = Files.write(directory.resolve("large"), new byte[1 << 20]);
        assertFault(Fault.PRIVATE_KEY, () -> new IssuerKeyFile(large).load());
    }

    private RSAPrivateCrtKeySpec spec(int error) {
        var rsa = key.privateKey();
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
