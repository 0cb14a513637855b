package org.masquerelay.token.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.masquerelay.token.TokenFaults.assertFault;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.IssuerKeySet.Rotation;
import org.masquerelay.token.issuance.ScheduledKey;

class IssuerKeyStoreTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration OVERLAP = Duration.ofDays(1);

    @TempDir private Path directory;

    enum Form {
        PEM,
        PKCS12
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void loadsTheKeysThatItRotatedToWithTheirTimes(Form form) throws Exception {
        var store = store(form);
        for (var type : TokenType.values()) {
            store.update(keys -> keys.rotate(new Rotation(type, NOW, OVERLAP), NOW, RANDOM));
        }
        var later = NOW.plus(Duration.ofDays(30));
        var written =
                store.update(keys ->
                        keys.rotate(new Rotation(TokenType.VOPRF, later, OVERLAP), NOW, RANDOM));

        var read = store(form).load();

        assertThat(read.keys()).hasSize(3);
        for (int i = 0; i < 3; i++) {
            var expected = written.keys().get(i);
            var actual = read.keys().get(i);
            assertThat(actual.pair().publicKey()).isEqualTo(expected.pair().publicKey());
            assertThat(actual.notBefore()).isEqualTo(expected.notBefore());
            assertThat(actual.notAfter()).isEqualTo(expected.notAfter());
        }
        assertThat(read.keys())
                .extracting(ScheduledKey::notAfter)
                .containsOnlyOnce(later.plus(OVERLAP))
                .contains(Instant.MAX);
        assertThat(Files.getPosixFilePermissions(path(form)))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void writesAPkcs12FileThatOtherToolsRead() throws Exception {
        var store = store(Form.PKCS12);
        for (var type : TokenType.values()) {
            store.update(keys -> keys.rotate(new Rotation(type, NOW, OVERLAP), NOW, RANDOM));
        }

        var plain = KeyStore.getInstance("PKCS12");
        byte[] content = Files.readAllBytes(path(Form.PKCS12));
        plain.load(new ByteArrayInputStream(content), "secret".toCharArray());

        assertThat(Collections.list(plain.aliases())).hasSize(2);
        for (String alias : Collections.list(plain.aliases())) {
            var certificate = (X509Certificate) plain.getCertificate(alias);
            assertThat(certificate.getNotBefore().toInstant()).isEqualTo(NOW);
            assertThat(plain.getKey(alias, "secret".toCharArray())).isNotNull();
        }
    }

    @Test
    void refusesAWrongPasswordAndOtherContent() throws Exception {
        store(Form.PKCS12)
                .update(keys -> IssuerKeySet.of(IssuerKeyPair.generate(TokenType.VOPRF, RANDOM)));
        var wrong = IssuerKeyStore.pkcs12(path(Form.PKCS12), "wrong".toCharArray());
        assertThatIOException().isThrownBy(wrong::load);

        Files.write(path(Form.PEM), new byte[1 << 20]);
        assertFault(Fault.KEY_FILE, () -> store(Form.PEM).load());
        Files.write(path(Form.PEM), new byte[100]);
        assertFault(Fault.PRIVATE_KEY, () -> store(Form.PEM).load());
    }

    @Test
    void leavesTheFileAloneWhenAChangeFails() throws Exception {
        var store = store(Form.PEM);
        store.update(keys -> IssuerKeySet.of(IssuerKeyPair.generate(TokenType.VOPRF, RANDOM)));
        byte[] before = Files.readAllBytes(path(Form.PEM));

        assertThat(
                        org.assertj.core.api.Assertions.catchThrowable(() ->
                                store.update(keys -> {
                                    throw new IllegalStateException("no");
                                })))
                .isInstanceOf(IllegalStateException.class);

        assertThat(Files.readAllBytes(path(Form.PEM))).isEqualTo(before);
    }

    @Test
    void losesNoKeyOfConcurrentRotations() throws Exception {
        var store = store(Form.PEM);
        int rotations = 8;
        Callable<IssuerKeySet> rotation =
                () ->
                        store.update(keys ->
                                keys.rotate(
                                        new Rotation(TokenType.VOPRF, NOW, OVERLAP), NOW, RANDOM));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var done : threads.invokeAll(Collections.nCopies(rotations, rotation))) {
                done.get();
            }
        }
        assertThat(store.load().keys()).hasSize(rotations);
        assertThat(List.of(directory.toFile().list())).contains("issuer.pem");
    }

    private IssuerKeyStore store(Form form) {
        return switch (form) {
            case PEM -> IssuerKeyStore.pem(path(form));
            case PKCS12 -> IssuerKeyStore.pkcs12(path(form), "secret".toCharArray());
        };
    }

    private Path path(Form form) {
        return directory.resolve(
                switch (form) {
                    case PEM -> "issuer.pem";
                    case PKCS12 -> "issuer.p12";
                });
    }
}
