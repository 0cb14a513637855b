package org.masquerelay.egress.config;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.SecretBytes;
import org.masquerelay.boot.config.WatchedFiles;
import org.masquerelay.egress.config.EgressConfiguration.ServerTls;
import org.masquerelay.egress.config.TargetProperties.Clients;
import org.masquerelay.egress.config.TargetProperties.TenantNeed;
import org.masquerelay.egress.entry.EntryLimits;
import org.masquerelay.egress.entry.EntryRules;
import org.masquerelay.egress.entry.RelayTrust;
import org.masquerelay.egress.opening.Openings;
import org.masquerelay.gate.Gate;
import org.masquerelay.gate.OpenGate;
import org.masquerelay.gate.config.AuthProperties;
import org.masquerelay.gate.config.GateConfiguration;
import org.masquerelay.gate.config.OwnIssuer;
import org.masquerelay.gate.issuer.DevelopmentIssuer;
import org.masquerelay.tenant.TenantKey;
import org.masquerelay.tenant.TenantReader;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// Who may open tunnels at an egress, from the configuration.
@Configuration(proxyBeanMethods = false)
@Import({EntryConfiguration.Gated.class, OpeningConfiguration.class})
class EntryConfiguration {
    private static final String TENANT_KEY = "relay.egress.tenant-key";

    /// The gate, where clients that are no relays may come.
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "relay.egress.clients", havingValue = "gated")
    @Import(GateConfiguration.class)
    static class Gated {
        @Bean
        static AuthProperties authProperties(EgressProperties relay) {
            return relay.auth();
        }

        @Bean
        DevelopmentIssuer developmentIssuer(
                EgressProperties relay, ServerTls tls, WatchedFiles files) {
            return DevelopmentIssuer.of(
                    relay.issuer(),
                    relay.auth().trustsIssuers(),
                    tls.development().map(pki -> pki::egressIssuerKey),
                    files);
        }

        @Bean
        static OwnIssuer ownIssuer(DevelopmentIssuer issuer) {
            return new OwnIssuer(issuer.keys());
        }
    }

    @Bean
    EntryRules entryRules(
            EgressProperties relay, ServerTls tls, ObjectProvider<Gate> gate, Openings openings) {
        var egress = relay.egress();
        var keys = tenantKeys(egress.tenantKey(), tls);
        if (egress.tenant() == TenantNeed.REQUIRED
                && keys.isEmpty()
                && egress.clients() != Clients.GATED) {
            throw new BadSettingException(
                    TENANT_KEY,
                    "is empty, so no tunnel could say whose it is, as relay.egress.tenant requires",
                    "Set it to the key that ingresses have in relay.upstream.tenant-key");
        }
        return new EntryRules(
                egress.clients() == Clients.GATED ? new RelayTrust(tls.material()) : _ -> true,
                gate.getIfAvailable(OpenGate::new),
                new TenantReader(keys, InstantSource.system()),
                egress.tenant() == TenantNeed.REQUIRED,
                new EntryLimits(
                        egress.limits().maxTunnels(), egress.maxTunnelsPerTenant(), openings));
    }

    private static List<TenantKey> tenantKeys(List<String> texts, ServerTls tls) {
        var keys = new ArrayList<TenantKey>();
        for (int i = 0; i < texts.size(); i++) {
            var property = TENANT_KEY + "[" + i + "]";
            keys.add(new TenantKey(SecretBytes.parse(property, texts.get(i), TenantKey.LENGTH)));
        }
        if (texts.isEmpty() && tls.development().isPresent()) {
            try {
                keys.add(new TenantKey(tls.development().get().tenantKey()));
            } catch (IOException | IllegalArgumentException e) {
                throw new BadSettingException(
                        TENANT_KEY,
                        "is empty, and that of development cannot be used: " + e.getMessage(),
                        "Set it to the key that ingresses have in relay.upstream.tenant-key");
            }
        }
        return keys;
    }
}
