package org.masquerelay.egress.config;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.Followed;
import org.masquerelay.boot.config.WatchedFiles;
import org.masquerelay.egress.ops.PolicyHealthIndicator;
import org.masquerelay.egress.ops.PolicyMeters;
import org.masquerelay.egress.policy.OwnListeners;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.policy.TenantRules;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.egress.rule.RuleFormatException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/// Where tunnels may go, from the configuration.
@Configuration(proxyBeanMethods = false)
@Import(PolicyConfiguration.OfTenants.class)
class PolicyConfiguration {
    private static final String FILE = "relay.egress.policy.file";
    private static final String DENIED_PORTS = "relay.egress.denied-ports";

    /// The policy file, where there is one.
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(FILE)
    static class OfTenants {
        @Bean
        PolicyFile policyFile(EgressProperties relay, WatchedFiles files) {
            if (relay.egress().policy().file().isEmpty()) {
                throw new BadSettingException(
                        FILE, "is empty", "Leave it out, or name a file, which may have few lines");
            }
            return new PolicyFile(
                    files.watch(
                            FILE,
                            Path.of(relay.egress().policy().file()),
                            "Write lines of tenant, protocol, destination, ports and DSCP, such as"
                                    + " spiffe://gw/tenant/finance udp 8.8.8.8 53,853 af11",
                            OfTenants::read));
        }

        private static TenantRules read(byte[] content) throws IOException {
            try {
                return TenantRules.parse(content);
            } catch (RuleFormatException e) {
                throw new IOException(e.getMessage(), e);
            }
        }

        @Bean
        PolicyHealthIndicator policyHealthIndicator(PolicyFile file) {
            return new PolicyHealthIndicator(file.rules());
        }

        @Bean
        PolicyMeters policyMeters(PolicyFile file, MeterRegistry registry) {
            return new PolicyMeters(file.rules(), registry);
        }
    }

    /// What the policy file holds.
    record PolicyFile(Followed<TenantRules> rules) {}

    @Bean
    TargetRules targetRules(EgressProperties relay, Optional<PolicyFile> file) {
        var egress = relay.egress();
        return new TargetRules(
                egress.allowPrivate(),
                deniedPorts(egress),
                egress.targets().toDeny(),
                egress.targets().toAllow(),
                file.isPresent() ? file.get().rules() : () -> TenantRules.UNLIMITED,
                relay.proxyStatus().prohibited());
    }

    @Bean
    OwnListeners ownListeners() {
        return new OwnListeners();
    }

    /// The management port is no target, at whatever address: the relay starts after it.
    @Bean
    ApplicationListener<WebServerInitializedEvent> managementIsNoTarget(OwnListeners own) {
        return started -> own.add(new InetSocketAddress(started.getWebServer().getPort()));
    }

    private static PortRanges deniedPorts(TargetProperties egress) {
        var ports = new BitSet();
        for (var text : egress.deniedPorts()) {
            try {
                PortRanges.parse(text).addTo(ports);
            } catch (RuleFormatException e) {
                throw new BadSettingException(
                        DENIED_PORTS,
                        "cannot be used: " + e.getMessage(),
                        "Write ports from 0 to 65535 and ranges such as 1-1023");
            }
        }
        return PortRanges.of(ports);
    }
}
