package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.masquerelay.boot.config.CertificatesInUse;
import org.masquerelay.boot.config.DrainProperties;
import org.masquerelay.boot.config.WatchedFiles;
import org.masquerelay.boot.qlog.Qlog;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.tunnel.Drain;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;

/// Drain, health, meters and the life of the relay, from what an app declares: its
/// [RunningRelay.Starter], its [Listeners] and its [DrainProperties].
@Configuration(proxyBeanMethods = false)
public class OperationsConfiguration {
    /// The fronts of an app.
    public record Listeners(List<FrontSettings> fronts) {}

    /// What writes connections down, if it is enabled. Closed after the relay.
    public record QlogOfRelay(Optional<Qlog> qlog) implements AutoCloseable {
        @Nullable Qlog orNull() {
            return qlog.orElse(null);
        }

        @Override
        public void close() {
            qlog.ifPresent(Qlog::close);
        }
    }

    @Bean
    Drain drain() {
        return new Drain();
    }

    @Bean
    WatchedFiles watchedFiles() {
        return new WatchedFiles();
    }

    /// Bound once all beans are made, and with them what they watch.
    @Bean
    FileMeters fileMeters(WatchedFiles files) {
        return new FileMeters(files);
    }

    @Bean
    FilesHealthIndicator filesHealthIndicator(WatchedFiles files) {
        return new FilesHealthIndicator(files);
    }

    @Bean
    TunnelListener tunnelMeters(MeterRegistry registry, Listeners listeners, QlogOfRelay qlog) {
        return new TunnelMeters(
                registry,
                listeners.fronts().stream().map(FrontSettings::name).toList(),
                qlog.orNull());
    }

    @Bean
    DrainMeters drainMeters(Drain drain, Listeners listeners) {
        return new DrainMeters(
                drain, listeners.fronts().stream().map(FrontSettings::name).toList());
    }

    @Bean
    static CertificatesInUse certificatesInUse() {
        return new CertificatesInUse();
    }

    /// Bound once all beans are made, and with them what the relay shows.
    @Bean
    CertificateMeters certificateMeters(CertificatesInUse certificates) {
        return new CertificateMeters(certificates, Clock.systemUTC());
    }

    @Bean
    RelayLifecycle relayLifecycle(
            RunningRelay.Starter starter, Listeners listeners, Drain drain, DrainProperties stop) {
        return new RelayLifecycle(
                starter, listeners.fronts(), drain, stop.timeout(), Clock.systemUTC());
    }

    @Bean
    DrainEndpoint drainEndpoint(Drain drain, RelayLifecycle relay) {
        return new DrainEndpoint(drain, relay, Clock.systemUTC());
    }

    @Bean
    DrainHealthIndicator drainHealthIndicator(Drain drain) {
        return new DrainHealthIndicator(drain);
    }

    @Bean
    EmptyPostFilter emptyPostFilter() {
        return new EmptyPostFilter();
    }

    /// Gives the relay its drain timeout and the time to close, whatever
    /// `spring.lifecycle.timeout-per-shutdown-phase` says of everything else.
    @Bean(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME)
    static DefaultLifecycleProcessor lifecycleProcessor(
            LifecycleProperties everythingElse, DrainProperties stop) {
        var processor = new DefaultLifecycleProcessor();
        processor.setTimeoutPerShutdownPhase(
                everythingElse.getTimeoutPerShutdownPhase().toMillis());
        processor.setTimeoutForShutdownPhase(
                RelayLifecycle.DEFAULT_PHASE,
                stop.timeout().plus(RelayLifecycle.CLOSING).toMillis());
        return processor;
    }
}
