package org.masquerelay.ingress.config;

import java.time.InstantSource;
import java.util.function.Function;
import org.masquerelay.boot.config.DrainProperties;
import org.masquerelay.boot.config.RelayTls;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.gate.config.AuthProperties;
import org.masquerelay.gate.config.GateConfiguration;
import org.masquerelay.gate.config.OwnIssuer;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.ingress.issuer.IssuerResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// Turns the configuration into the parts of an ingress. A bean of an operator stands in for ours
/// of the same type.
@Configuration(proxyBeanMethods = false)
@Import(GateConfiguration.class)
@EnableConfigurationProperties(IngressProperties.class)
public class IngressConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(IngressConfiguration.class);

    /// Answers ordinary requests of the data listeners.
    public record PlainRequests(Function<PlainRequest, PlainResponse> answer) {}

    @Bean
    Listeners listeners(IngressProperties relay) {
        return new Listeners(relay.fronts());
    }

    @Bean
    static DrainProperties drainProperties(IngressProperties relay) {
        return relay.drain();
    }

    @Bean
    IngressTls ingressTls(IngressProperties relay, SslBundles bundles) {
        return IngressTls.of(relay, new RelayTls(bundles, relay.development()));
    }

    @Bean
    DevelopmentIssuer developmentIssuer(IngressProperties relay, IngressTls tls) {
        return DevelopmentIssuer.of(relay, tls);
    }

    @Bean
    static AuthProperties authProperties(IngressProperties relay) {
        return relay.auth();
    }

    @Bean
    static OwnIssuer ownIssuer(DevelopmentIssuer issuer) {
        return new OwnIssuer(issuer.keys());
    }

    @Bean
    PlainRequests plainRequests(DevelopmentIssuer issuer) {
        issuer.keys()
                .ifPresent(_ ->
                        LOG.warn(
                                "The token issuer of this ingress is on: it gives a token"
                                        + " to whoever asks"));
        return new PlainRequests(
                issuer.keys()
                        .<Function<PlainRequest, PlainResponse>>map(
                                keys -> new IssuerResource(() -> keys, InstantSource.system()))
                        .orElse(IssuerResource.NONE));
    }
}
