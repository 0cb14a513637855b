package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.boot.config.CertificatesInUse;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.tunnel.HttpVersion;

/// Certificates as those who renew them lay them out: links, of which one leads elsewhere then.
@Timeout(120)
final class RenewedCertificateTest {
    @TempDir Path directory;

    enum Layout {
        /// A volume of a Secret, as the kubelet writes it: the link `..data` is replaced, and the
        /// directory of before is gone. cert-manager renews such Secrets.
        SECRET_VOLUME {
            @Override
            void renew(Path home, Path certificate, Path key, int number) throws IOException {
                var made = Files.createDirectory(home.resolve("..made" + number));
                Files.copy(certificate, made.resolve("tls.crt"));
                Files.copy(key, made.resolve("tls.key"));
                link(home.resolve("..data"), made.getFileName());
                if (number == 1) {
                    link(home.resolve("tls.crt"), Path.of("..data", "tls.crt"));
                    link(home.resolve("tls.key"), Path.of("..data", "tls.key"));
                } else {
                    var before = home.resolve("..made" + (number - 1));
                    Files.delete(before.resolve("tls.crt"));
                    Files.delete(before.resolve("tls.key"));
                    Files.delete(before);
                }
            }
        },
        /// certbot's `live` and `archive`: each link by itself leads to the next file.
        CERTBOT {
            @Override
            void renew(Path home, Path certificate, Path key, int number) throws IOException {
                var archive = Files.createDirectories(home.resolveSibling("archive"));
                var chain = archive.resolve("fullchain" + number + ".pem");
                var ofKey = archive.resolve("privkey" + number + ".pem");
                Files.copy(certificate, chain);
                Files.copy(key, ofKey);
                link(
                        home.resolve("tls.key"),
                        Path.of("..", "archive").resolve(ofKey.getFileName()));
                link(
                        home.resolve("tls.crt"),
                        Path.of("..", "archive").resolve(chain.getFileName()));
            }
        };

        abstract void renew(Path home, Path certificate, Path key, int number) throws IOException;

        private static void link(Path link, Path target) throws IOException {
            var beside = link.resolveSibling("..beside");
            Files.createSymbolicLink(beside, target);
            Files.move(beside, link, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void isShownAfterEachRenewal(Layout layout) throws Exception {
        var home = Files.createDirectory(directory.resolve("live"));
        layout.renew(home, of(1, "egress.crt"), of(1, "egress.key"), 1);
        try (var relay = OneHop.start(directory.resolve("none"), arguments(home))) {
            var shown = relay.bean(CertificatesInUse.class).of("front").orElseThrow().material();
            for (int number = 2; number <= 3; number++) {
                layout.renew(home, of(number, "egress.crt"), of(number, "egress.key"), number);
                var wanted = pki(number);
                Await.until(
                        "certificate " + number + " is in use",
                        () -> shown.get().chain().equals(wanted.egressServer().chain()));
                for (var version : HttpVersion.values()) {
                    try (var client =
                            RawClient.connect(
                                    version, relay.addresses().getFirst(), wanted.client())) {
                        assertThat(client.request("GET", "/").awaitHead().status()).isEqualTo(404);
                    }
                }
            }
        }
    }

    private static List<String> arguments(Path home) {
        var bundle = "--spring.ssl.bundle.pem.front.";
        return List.of(
                "--spring.ssl.bundle.watch.file.quiet-period=200ms",
                bundle + "reload-on-update=true",
                bundle + "keystore.certificate=" + home.resolve("tls.crt").toUri(),
                bundle + "keystore.private-key=" + home.resolve("tls.key").toUri(),
                "--relay.tls.bundle=front",
                "--relay.egress.clients=any");
    }

    private Path of(int number, String file) throws IOException {
        pki(number);
        return directory.resolve("pki" + number).resolve(file);
    }

    private DevelopmentPki pki(int number) throws IOException {
        return DevelopmentPki.open(directory.resolve("pki" + number), Clock.systemUTC());
    }
}
