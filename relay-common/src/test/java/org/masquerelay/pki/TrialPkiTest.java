package org.masquerelay.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrialPkiTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir Path directory;

    private TrialPki pki;

    @BeforeEach
    void make() throws Exception {
        pki = new TrialPki(directory);
        pki.make(NOW, List.of("relay.example"));
    }

    @Test
    void givesEachProcessWhatItNeedsAndNothingOfTheOthers() throws Exception {
        assertThat(files("ingress"))
                .containsExactly(
                        "challenge-secret",
                        "client.crt",
                        "client.key",
                        "server-ca.crt",
                        "tls.crt",
                        "tls.key");
        assertThat(files("egress")).containsExactly("entry-ca.crt", "tls.crt", "tls.key");
        assertThat(files("issuer")).containsExactly("tls.crt", "tls.key");
        assertThat(files("client")).containsExactly("ca.crt");
        var mode = Files.getPosixFilePermissions(directory.resolve("egress/tls.key"));
        assertThat(PosixFilePermissions.toString(mode)).isEqualTo("rw-------");
    }

    @Test
    void letsNoServerCertificateIntoTheEgress() throws Exception {
        var entry = certificate("egress/entry-ca.crt").getPublicKey();
        certificate("ingress/client.crt").verify(entry);
        for (var server : List.of("ingress", "egress", "issuer")) {
            var shown = certificate(server + "/tls.crt");
            shown.verify(certificate("client/ca.crt").getPublicKey());
            assertThatThrownBy(() -> shown.verify(entry)).isInstanceOf(SignatureException.class);
            var names =
                    shown.getSubjectAlternativeNames().stream()
                            .map(name -> name.get(1).toString())
                            .toList();
            assertThat(names).contains(server, "localhost", "127.0.0.1", "relay.example");
        }
    }

    @Test
    void isGoodUntilThreeDaysBeforeItsEnd() {
        var end = NOW.plus(DevelopmentPki.VALIDITY).minus(DevelopmentPki.RENEWED_BEFORE_END);
        assertThat(pki.isGoodAt(NOW)).isTrue();
        assertThat(pki.isGoodAt(end.minus(Duration.ofMinutes(1)))).isTrue();
        assertThat(pki.isGoodAt(end.plus(Duration.ofMinutes(1)))).isFalse();
    }

    @Test
    void isNotGoodWithAFileMissingOrOfAnotherTime() throws Exception {
        Files.delete(directory.resolve("ingress/challenge-secret"));
        assertThat(pki.isGoodAt(NOW)).isFalse();

        pki.make(NOW, List.of());
        var old = Files.readString(directory.resolve("egress/tls.crt"));
        pki.make(NOW, List.of());
        assertThat(pki.isGoodAt(NOW)).isTrue();
        Files.writeString(directory.resolve("egress/tls.crt"), old);
        assertThat(pki.isGoodAt(NOW)).isFalse();
    }

    private List<String> files(String role) throws IOException {
        try (var all = Files.list(directory.resolve(role))) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private X509Certificate certificate(String file) throws IOException {
        return Pem.certificates(Files.readString(directory.resolve(file))).getFirst();
    }
}
