package org.masquerelay.egress.config;

import java.util.EnumSet;
import java.util.Optional;
import java.util.function.Supplier;
import org.masquerelay.boot.config.BundleMaterial.Need;
import org.masquerelay.boot.config.CertificatesInUse;
import org.masquerelay.boot.config.DrainProperties;
import org.masquerelay.boot.config.Fronts;
import org.masquerelay.boot.config.ListenerTrust;
import org.masquerelay.boot.config.RelayTls;
import org.masquerelay.boot.config.WatchedFiles;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.boot.ops.OperationsConfiguration.QlogOfRelay;
import org.masquerelay.egress.config.TargetProperties.Clients;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.transport.TlsMaterial;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// Turns the configuration into the parts of an egress.
@Configuration(proxyBeanMethods = false)
@Import({
    AccessLogConfiguration.class,
    EntryConfiguration.class,
    PolicyConfiguration.class,
    SourceConfiguration.class
})
@EnableConfigurationProperties(EgressProperties.class)
public class EgressConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(EgressConfiguration.class);

    /// What the listeners show, and who is a relay.
    ///
    /// @param development the development PKI, when nothing else is configured
    public record ServerTls(Supplier<TlsMaterial> material, Optional<DevelopmentPki> development) {}

    @Bean
    Listeners listeners(EgressProperties relay) {
        return new Listeners(relay.fronts());
    }

    @Bean
    static DrainProperties drainProperties(EgressProperties relay) {
        return relay.drain();
    }

    @Bean
    static QlogOfRelay qlog(EgressProperties relay) {
        return new QlogOfRelay(relay.qlog().open(relay.identifier()));
    }

    @Bean
    ServerTls serverTls(
            EgressProperties relay, SslBundles bundles, CertificatesInUse certificates) {
        if (relay.egress().clients() == Clients.ANY) {
            LOG.warn("relay.egress.clients is any: everybody who reaches a listener gets tunnels");
        }
        var tls = new RelayTls(bundles, relay.development(), certificates);
        String bundle = relay.tls().bundle();
        if (bundle.isEmpty()) {
            var pki = tls.development();
            return new ServerTls(pki::egressServer, Optional.of(pki));
        }
        var needs = EnumSet.of(Need.OWN_CERTIFICATE);
        if (relay.egress().clients() == Clients.TRUSTED) {
            needs.add(Need.TRUST);
        }
        return new ServerTls(tls.bundle("relay.tls.bundle", bundle, needs), Optional.empty());
    }

    @Bean
    ListenerTls listenerTls(
            EgressProperties relay,
            Listeners listeners,
            ServerTls tls,
            SslBundles bundles,
            WatchedFiles files) {
        boolean relaysToo = relay.egress().clients() == Clients.GATED;
        return new Fronts(relay.listeners())
                .toTls(
                        listeners.fronts(),
                        new ListenerTrust(tls.material(), bundles, files, relaysToo));
    }
}
