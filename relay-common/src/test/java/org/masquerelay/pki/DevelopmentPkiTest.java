package org.masquerelay.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.transport.TlsMaterial;

final class DevelopmentPkiTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir Path home;

    @Test
    void signsServersAndEntryWithDifferentAuthorities() throws Exception {
        var pki = open(NOW);

        var servers = pki.ingressUpstream().anchors().getFirst();
        var entry = pki.egressServer().anchors().getFirst();
        leaf(pki.ingressServer()).verify(servers.getPublicKey());
        leaf(pki.egressServer()).verify(servers.getPublicKey());
        leaf(pki.ingressUpstream()).verify(entry.getPublicKey());
        assertThatThrownBy(() -> leaf(pki.ingressServer()).verify(entry.getPublicKey()))
                .isInstanceOf(SignatureException.class);
        assertThat(pki.client().anchors()).containsExactly(servers);
        assertThat(Pem.certificates(Files.readString(pki.clientAnchors())))
                .containsExactly(servers);
    }

    @Test
    void namesEveryWayToReachAServerOnThisMachine() throws Exception {
        var pki = open(NOW);

        assertThat(names(pki.ingressServer()))
                .containsExactlyInAnyOrder("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "ingress");
        assertThat(names(pki.egressServer())).contains("egress");
    }

    @Test
    void letsAServerCertificateServeAndAClientCertificateEnterOnly() throws Exception {
        var pki = open(NOW);

        assertThat(leaf(pki.ingressServer()).getExtendedKeyUsage())
                .containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf(pki.ingressUpstream()).getExtendedKeyUsage())
                .containsExactly("1.3.6.1.5.5.7.3.2");
    }

    @Test
    void keepsWhatIsGoodEnough() throws Exception {
        var first = open(NOW);
        var later = NOW.plus(DevelopmentPki.VALIDITY).minus(Duration.ofDays(4));

        assertThat(leaf(open(later).ingressServer())).isEqualTo(leaf(first.ingressServer()));
    }

    @Test
    void remakesCertificatesThatAreAboutToExpireButNotTheIssuerKey() throws Exception {
        var first = open(NOW);
        var later = NOW.plus(DevelopmentPki.VALIDITY).minus(Duration.ofDays(2));
        var second = open(later);

        assertThat(leaf(second.ingressServer())).isNotEqualTo(leaf(first.ingressServer()));
        assertThat(second.issuerKey()).isEqualTo(first.issuerKey());
        assertThatCode(() -> leaf(second.egressServer()).checkValidity(java.util.Date.from(later)))
                .doesNotThrowAnyException();
    }

    @Test
    void remakesAllWhenOneFileIsDamaged() throws Exception {
        var first = open(NOW);
        Files.writeString(home.resolve("pki/egress.crt"), "-----BEGIN CERTIFICATE-----\nAAAA");

        var second = open(NOW);

        assertThat(leaf(second.egressServer())).isNotEqualTo(leaf(first.egressServer()));
        leaf(second.ingressServer()).verify(second.client().anchors().getFirst().getPublicKey());
    }

    @Test
    void remakesAllWhenAKeyBelongsToAnotherCertificate() throws Exception {
        var first = open(NOW);
        Files.copy(
                home.resolve("pki/egress.key"),
                home.resolve("pki/ingress.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThat(leaf(open(NOW).ingressServer())).isNotEqualTo(leaf(first.ingressServer()));
    }

    @Test
    void letsNobodyElseReadTheFiles() throws Exception {
        open(NOW);

        try (var files = Files.list(home.resolve("pki"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".key")).toList())
                    .hasSize(4)
                    .allSatisfy(file ->
                            assertThat(
                                            PosixFilePermissions.toString(
                                                    Files.getPosixFilePermissions(file)))
                                    .isEqualTo("rw-------"));
        }
    }

    @Test
    void agreesWhenManyStartAtOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<DevelopmentPki> open = () -> open(NOW);
            var all = threads.invokeAll(List.of(open, open, open, open));

            var leaves = new java.util.HashSet<X509Certificate>();
            for (var one : all) {
                leaves.add(leaf(one.get().egressServer()));
            }
            assertThat(leaves).hasSize(1);
        }
    }

    private DevelopmentPki open(Instant now) throws IOException {
        return DevelopmentPki.open(home.resolve("pki"), Clock.fixed(now, ZoneOffset.UTC));
    }

    private static X509Certificate leaf(TlsMaterial material) {
        return material.chain().getFirst();
    }

    private static List<String> names(TlsMaterial material) throws Exception {
        return leaf(material).getSubjectAlternativeNames().stream()
                .map(name -> (String) name.get(1))
                .toList();
    }
}
