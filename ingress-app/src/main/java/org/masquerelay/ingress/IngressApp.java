package org.masquerelay.ingress;

import java.util.function.Consumer;
import org.masquerelay.boot.mistake.Start;
import org.masquerelay.boot.ops.OperationsConfiguration;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.boot.ops.RunningRelay;
import org.masquerelay.boot.ops.StopSignals;
import org.masquerelay.gate.Decision;
import org.masquerelay.gate.Gate;
import org.masquerelay.gate.ops.ManagementSecurity;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.ingress.config.IngressConfiguration;
import org.masquerelay.ingress.config.IngressConfiguration.EgressesOfRelay;
import org.masquerelay.ingress.config.IngressProperties;
import org.masquerelay.ingress.config.IngressTls;
import org.masquerelay.ingress.config.IssuingConfiguration.PlainRequests;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.RefusalReason;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/// The first hop as an application.
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = ReactiveUserDetailsServiceAutoConfiguration.class)
@Import({IngressConfiguration.class, OperationsConfiguration.class, ManagementSecurity.class})
public class IngressApp {
    public static void main(String[] args) {
        StopSignals.handle();
        Start.run(IngressApp.class, args);
    }

    @Bean
    RunningRelay.Starter ingress(
            IngressProperties relay,
            Listeners listeners,
            IngressTls tls,
            ListenerTls listenerTls,
            EgressesOfRelay egresses,
            Fleet fleet,
            TenantWriter tenants,
            Gate gate,
            PlainRequests plainRequests,
            Drain drain,
            TunnelListener meters) {
        var upstream =
                relay.upstream()
                        .toSettings(relay.capsulePolicy(), relay.drain().connectionTimeout());
        var parts =
                new IngressPipeline.Parts(
                        relay.eventLoopCount(),
                        listeners.fronts(),
                        listenerTls,
                        egresses.directory(),
                        fleet,
                        upstream,
                        tls.upstream(),
                        relay.passthrough().toSettings(upstream),
                        tenants,
                        relay.isIssuer() ? IngressApp::refuse : gate,
                        plainRequests.answer(),
                        drain,
                        meters);
        return () -> IngressPipeline.start(parts);
    }

    /// The gate of an issuer.
    private static void refuse(TunnelExchange exchange, Consumer<Decision> then) {
        then.accept(
                new Decision.Refused(
                        RefusalReason.NOT_FOUND.because("here is a token issuer, and no relay")));
    }
}
