package org.masquerelay.egress;

import java.util.Optional;
import org.masquerelay.boot.config.DrainProperties;
import org.masquerelay.boot.mistake.Start;
import org.masquerelay.boot.ops.OperationsConfiguration;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.boot.ops.RunningRelay;
import org.masquerelay.boot.ops.StopSignals;
import org.masquerelay.egress.access.AccessLog;
import org.masquerelay.egress.config.EgressConfiguration;
import org.masquerelay.egress.config.EgressProperties;
import org.masquerelay.egress.config.TargetProperties;
import org.masquerelay.egress.entry.EntryRules;
import org.masquerelay.egress.policy.OwnListeners;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.resolve.TargetResolver;
import org.masquerelay.egress.source.Sources;
import org.masquerelay.gate.issuer.DevelopmentIssuer;
import org.masquerelay.gate.issuer.IssuerResource;
import org.masquerelay.gate.ops.ManagementSecurity;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.PlainResource;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.tunnel.Drain;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/// The second hop as an application.
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = ReactiveUserDetailsServiceAutoConfiguration.class)
@Import({EgressConfiguration.class, OperationsConfiguration.class, ManagementSecurity.class})
public class EgressApp {
    public static void main(String[] args) {
        StopSignals.handle();
        Start.run(EgressApp.class, args);
    }

    @Bean
    RunningRelay.Starter egress(
            EgressProperties relay,
            Listeners listeners,
            ListenerTls tls,
            EntryRules entry,
            TargetRules rules,
            Sources sources,
            ObjectProvider<DevelopmentIssuer> issuer,
            ObjectProvider<TargetResolver> resolver,
            Drain drain,
            TunnelListener meters,
            AccessLog accessLog,
            OwnListeners own) {
        var parts =
                new EgressPipeline.Parts(
                        relay.eventLoopCount(),
                        listeners.fronts(),
                        tls,
                        settings(relay.egress(), relay.drain(), rules),
                        entry,
                        sources,
                        plainRequests(issuer),
                        Optional.ofNullable(resolver.getIfUnique()),
                        drain,
                        meters,
                        accessLog,
                        own);
        return () -> EgressPipeline.start(parts);
    }

    private static EgressSettings settings(
            TargetProperties targets, DrainProperties drain, TargetRules rules) {
        return new EgressSettings(
                rules,
                targets.resolver().toSettings(),
                targets.connectTimeout(),
                targets.connectionAttemptDelay(),
                new EgressTimes(
                        targets.checkedUdpIdleTimeout(),
                        targets.checkedUdpIdleTimeouts(),
                        targets.tcpIdleTimeout(),
                        targets.upstreamTimeout(),
                        drain.connectionTimeout()),
                targets.bind().toSettings(),
                targets.limits().toRates());
    }

    private static PlainResource plainRequests(ObjectProvider<DevelopmentIssuer> issuer) {
        var resource =
                issuer.stream()
                        .map(DevelopmentIssuer::resource)
                        .findFirst()
                        .orElse(IssuerResource.NONE);
        return (request, _) -> resource.apply(request);
    }
}
