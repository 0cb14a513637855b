package org.masquerelay.boot.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.config.BundleMaterial.Need;
import org.masquerelay.boot.config.CertificatesInUse;
import org.masquerelay.boot.config.DevelopmentProperties;
import org.masquerelay.boot.config.RelayTls;
import org.masquerelay.pki.DevelopmentPki;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

final class CertificateMetersTest {
    @TempDir private Path home;

    private final DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry();
    private final CertificatesInUse certificates = new CertificatesInUse();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Instant end;

    @BeforeEach
    void makeCertificates() throws Exception {
        var pki = DevelopmentPki.open(home, Clock.systemUTC());
        end = pki.egressServer().chain().getFirst().getNotAfter().toInstant();
        bundles.registerBundle("front", bundle("egress", "egress"));
    }

    @Test
    void tellsTheDaysThatAreLeftOfWhatIsInUse() {
        tls().bundle("relay.tls.bundle", "front", Set.of(Need.OWN_CERTIFICATE));

        bindAt(end.minus(Duration.ofHours(36)));

        assertThat(value("masque.certificate.expiry.days")).isEqualTo(1.5, within(0.001));
        assertThat(value("masque.certificate.current")).isEqualTo(1);

        bundles.updateBundle("front", bundle("egress", "ingress"));

        assertThat(value("masque.certificate.expiry.days")).isEqualTo(1.5, within(0.001));
        assertThat(value("masque.certificate.current")).isZero();
    }

    @Test
    void goesBelowZeroOnceACertificateHasExpired() {
        tls().bundle("relay.tls.bundle", "front", Set.of(Need.OWN_CERTIFICATE));

        bindAt(end.plus(Duration.ofDays(2)));

        assertThat(value("masque.certificate.expiry.days")).isEqualTo(-2, within(0.001));
    }

    @Test
    void tellsOfDevelopmentCertificatesToo() {
        tls().development();

        bindAt(end.minus(Duration.ofDays(10)));

        assertThat(
                        meters.get("masque.certificate.expiry.days")
                                .tag("bundle", "development")
                                .gauge()
                                .value())
                .isEqualTo(10, within(0.001));
    }

    @Test
    void tellsOfABundleOnceAndOfNoneThatShowsNothing() {
        bundles.registerBundle(
                "trust",
                SslBundle.of(
                        new PemSslStoreBundle(
                                null, PemSslStoreDetails.forCertificate(file("server-ca.crt")))));
        tls().bundle("relay.tls.bundle", "front", Set.of(Need.OWN_CERTIFICATE));
        tls().bundle("relay.tls.bundle", "front", Set.of(Need.OWN_CERTIFICATE));
        tls().bundle("relay.upstream.tls-bundle", "trust", Set.of(Need.TRUST));

        bindAt(end);

        assertThat(meters.find("masque.certificate.expiry.days").gauges()).hasSize(1);
    }

    @Test
    void hasTheNameThatTheAlertsUse() {
        tls().bundle("relay.tls.bundle", "front", Set.of(Need.OWN_CERTIFICATE));
        var prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

        new CertificateMeters(certificates, Clock.systemUTC()).bindTo(prometheus);

        assertThat(prometheus.scrape())
                .contains("masque_certificate_expiry_days{bundle=\"front\"} ")
                .contains("masque_certificate_current{bundle=\"front\"} 1.0");
    }

    private RelayTls tls() {
        return new RelayTls(bundles, new DevelopmentProperties(home), certificates);
    }

    private void bindAt(Instant now) {
        new CertificateMeters(certificates, Clock.fixed(now, ZoneOffset.UTC)).bindTo(meters);
    }

    private double value(String name) {
        return meters.get(name).tag("bundle", "front").gauge().value();
    }

    private SslBundle bundle(String certificate, String key) {
        return SslBundle.of(
                new PemSslStoreBundle(
                        PemSslStoreDetails.forCertificate(file(certificate + ".crt"))
                                .withPrivateKey(file(key + ".key")),
                        null));
    }

    private String file(String name) {
        return home.resolve(name).toUri().toString();
    }
}
