package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Date;
import org.masquerelay.boot.config.CertificatesInUse;
import org.masquerelay.boot.config.CertificatesInUse.Shown;

/// How long the certificates in use are good for, and whether they are those of the files.
final class CertificateMeters implements MeterBinder {
    private static final double DAY_MILLIS = Duration.ofDays(1).toMillis();

    private final CertificatesInUse certificates;
    private final Clock clock;

    CertificateMeters(CertificatesInUse certificates, Clock clock) {
        this.certificates = certificates;
        this.clock = clock;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (var shown : certificates.all()) {
            Gauge.builder("masque.certificate.expiry.days", shown, this::daysLeft)
                    .tag("bundle", shown.bundle())
                    .description("Days until the first certificate of the chain in use expires")
                    .register(registry);
            Gauge.builder("masque.certificate.current", shown, CertificateMeters::isCurrent)
                    .tag("bundle", shown.bundle())
                    .description("1 while the certificate in use is that of the files")
                    .register(registry);
        }
    }

    /// Below zero once one has expired.
    private double daysLeft(Shown shown) {
        var now = clock.instant();
        return shown.material().get().chain().stream()
                .map(X509Certificate::getNotAfter)
                .min(Comparator.naturalOrder())
                .map(Date::toInstant)
                .map(end -> days(now, end))
                .orElse(Double.NaN);
    }

    private static double days(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / DAY_MILLIS;
    }

    private static double isCurrent(Shown shown) {
        return shown.problem().get().isEmpty() ? 1 : 0;
    }
}
