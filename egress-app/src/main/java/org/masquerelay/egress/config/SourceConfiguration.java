package org.masquerelay.egress.config;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.util.concurrent.Ticker;
import java.net.StandardProtocolFamily;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.egress.source.SourceAddressSelector;
import org.masquerelay.egress.source.SourceRule;
import org.masquerelay.egress.source.SourceRules;
import org.masquerelay.egress.source.Sources;
import org.masquerelay.egress.source.TargetSocketSupplier;
import org.masquerelay.transport.RestingFlows;
import org.masquerelay.transport.SourceExhaustedException;
import org.masquerelay.transport.SourceProbe;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// From which addresses tunnels reach their targets, from the configuration.
@Configuration(proxyBeanMethods = false)
class SourceConfiguration {
    private static final String ROOT = "relay.egress.source";

    @Bean
    Sources sources(
            EgressProperties relay,
            ObjectProvider<SourceAddressSelector> selector,
            ObjectProvider<TargetSocketSupplier> supplier) {
        var egress = relay.egress();
        var source = egress.source();
        return new Sources(
                selector.getIfAvailable(() -> rules(egress)),
                Optional.ofNullable(supplier.getIfAvailable()),
                new RestingFlows(rest(egress), source.maxResting(), Ticker.systemTicker()),
                source.markedWith());
    }

    @Bean
    MeterBinder restingSources(Sources sources) {
        return registry ->
                Gauge.builder("masque.source.resting", sources.resting(), RestingFlows::size)
                        .description("UDP sources that are not used again yet")
                        .register(registry);
    }

    /// Requirements, R0 X4: an answer that is late by two idle timeouts reaches nobody else.
    private static Duration rest(TargetProperties egress) {
        return Objects.requireNonNullElseGet(
                egress.source().rest(), () -> egress.udpIdleTimeout().multipliedBy(2));
    }

    private static SourceAddressSelector rules(TargetProperties egress) {
        var random = new SecureRandom();
        var standard = egress.source().standard();
        var tenants = egress.source().rulesOfTenants();
        check(ROOT, standard, random);
        int i = 0;
        boolean addresses = hasAddress(standard);
        for (var rule : tenants.values()) {
            check(ROOT + ".tenants[" + i++ + "]", rule, random);
            addresses |= hasAddress(rule);
        }
        checkAgainst(egress.bind(), hasAddress(standard), addresses);
        return new SourceRules(standard, tenants, random);
    }

    private static boolean hasAddress(SourceRule rule) {
        return rule.ipv4().isPresent() || rule.ipv6().isPresent();
    }

    private static void check(String at, SourceRule rule, RandomGenerator random) {
        for (var family :
                new StandardProtocolFamily[] {
                    StandardProtocolFamily.INET, StandardProtocolFamily.INET6
                }) {
            try {
                SourceProbe.check(rule.draw(family, random));
            } catch (SourceExhaustedException _) {
                throw new BadSettingException(
                        at,
                        "has an address or an interface that no socket of this machine can be bound"
                                + " to",
                        "Write an address of this machine, a prefix that has a local route (ip route"
                                + " add local PREFIX dev lo), or an interface that `ip link` shows");
            }
        }
    }

    /// Two properties that say where bind tunnels start would leave one of them without effect.
    private static void checkAgainst(BindProperties bind, boolean standard, boolean any) {
        if (standard && !bind.addresses().isEmpty()) {
            throw new BadSettingException(
                    "relay.egress.bind.addresses",
                    "is set beside the addresses of " + ROOT + ", which bind tunnels have too",
                    "Leave it out");
        }
        if (any && !bind.publicAddresses().isEmpty()) {
            throw new BadSettingException(
                    "relay.egress.bind.public-addresses",
                    "tells clients of one address, while " + ROOT + " has several",
                    "Leave it out, or the addresses there");
        }
    }
}
