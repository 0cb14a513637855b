package org.masquerelay.ingress.config;

import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.masquerelay.boot.config.CertificatesInUse;
import org.masquerelay.boot.config.DrainProperties;
import org.masquerelay.boot.config.Fronts;
import org.masquerelay.boot.config.ListenerTrust;
import org.masquerelay.boot.config.RelayTls;
import org.masquerelay.boot.config.WatchedFiles;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.boot.ops.OperationsConfiguration.QlogOfRelay;
import org.masquerelay.gate.config.AuthProperties;
import org.masquerelay.gate.config.GateConfiguration;
import org.masquerelay.gate.config.OwnIssuer;
import org.masquerelay.gate.issuer.DevelopmentIssuer;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.ops.EgressHealthIndicator;
import org.masquerelay.ingress.ops.FleetMeters;
import org.masquerelay.tenant.TenantWriter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// Turns the configuration into the parts of an ingress. A bean of an operator stands in for ours
/// of the same type.
@Configuration(proxyBeanMethods = false)
@Import({GateConfiguration.class, IssuingConfiguration.class})
@EnableConfigurationProperties(IngressProperties.class)
public class IngressConfiguration {
    @Bean
    Listeners listeners(IngressProperties relay) {
        return new Listeners(relay.fronts());
    }

    @Bean
    static DrainProperties drainProperties(IngressProperties relay) {
        return relay.drain();
    }

    @Bean
    static QlogOfRelay qlog(IngressProperties relay) {
        return new QlogOfRelay(relay.qlog().open(relay.identifier()));
    }

    @Bean
    IngressTls ingressTls(
            IngressProperties relay, SslBundles bundles, CertificatesInUse certificates) {
        return IngressTls.of(relay, new RelayTls(bundles, relay.development(), certificates));
    }

    @Bean
    ListenerTls listenerTls(
            IngressProperties relay,
            Listeners listeners,
            IngressTls tls,
            SslBundles bundles,
            WatchedFiles files) {
        return new Fronts(relay.listeners())
                .toTls(listeners.fronts(), new ListenerTrust(tls.server(), bundles, files, false));
    }

    /// An issuer leads nowhere.
    @Bean
    EgressesOfRelay egresses(IngressProperties relay, ObjectProvider<EgressDirectory> directory) {
        if (relay.isIssuer()) {
            return new EgressesOfRelay(EgressDirectory.of(List.of()));
        }
        var given = directory.getIfUnique();
        return new EgressesOfRelay(given == null ? relay.upstream().toDirectory() : given);
    }

    /// Where the ingress has its egresses from: a bean of an operator, or the configuration.
    public record EgressesOfRelay(EgressDirectory directory) {}

    @Bean
    static Fleet fleet(IngressProperties relay) {
        RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        return new Fleet(relay.upstream().toFleet(), Ticker.systemTicker(), random);
    }

    @Bean
    static FleetMeters fleetMeters(Fleet fleet) {
        return new FleetMeters(fleet);
    }

    @Bean
    EgressHealthIndicator egressesHealthIndicator(IngressProperties relay, Fleet fleet) {
        return new EgressHealthIndicator(fleet, !relay.isIssuer(), Clock.systemUTC());
    }

    @Bean
    TenantWriter tenantWriter(IngressProperties relay, IngressTls tls) {
        return relay.isIssuer()
                ? TenantWriter.NONE
                : UpstreamTenants.of(relay.upstream(), tls.development());
    }

    @Bean
    DevelopmentIssuer developmentIssuer(
            IngressProperties relay, IngressTls tls, WatchedFiles files) {
        return DevelopmentIssuer.of(
                relay.isIssuer() ? relay.issuer().on() : relay.issuer(),
                relay.auth().trustsIssuers(),
                tls.development().map(pki -> pki::issuerKey),
                files);
    }

    @Bean
    static AuthProperties authProperties(IngressProperties relay) {
        return relay.auth();
    }

    @Bean
    static OwnIssuer ownIssuer(DevelopmentIssuer issuer) {
        return new OwnIssuer(issuer.keys());
    }
}
