package org.masquerelay.egress.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.CapsuleProperties;
import org.masquerelay.boot.config.DevelopmentProperties;
import org.masquerelay.boot.config.DrainProperties;
import org.masquerelay.boot.config.Fronts;
import org.masquerelay.boot.config.ListenerProperties;
import org.masquerelay.boot.config.Profile;
import org.masquerelay.boot.config.QlogProperties;
import org.masquerelay.boot.config.QuicProperties;
import org.masquerelay.boot.config.TlsProperties;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsulePolicy.Unknown;
import org.masquerelay.egress.config.TargetProperties.Clients;
import org.masquerelay.gate.config.AuthProperties;
import org.masquerelay.gate.issuer.IssuerProperties;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/// All of `relay.*` of an egress.
///
/// @param identifier how this relay calls itself in Proxy-Status
/// @param eventLoops threads that carry tunnels; 0 takes one per processor
/// @param profile what the settings that are left out stand for
/// @param capsules what becomes of capsules
/// @param listeners where ingresses connect
/// @param tls what the listeners show
/// @param development what stands in where nothing is configured
/// @param drain how the relay stops
/// @param proxyStatus how refusals are answered
/// @param quic how the listeners treat QUIC packets of nobody in particular
/// @param qlog which QUIC connections are written down
/// @param egress who may open tunnels, and where to
/// @param auth what clients that are no relays have to bring, where they are let in
/// @param issuer the token issuer for development
@Validated
@ConfigurationProperties(prefix = "relay", ignoreUnknownFields = false)
public record EgressProperties(
        @DefaultValue("egress") @NotBlank String identifier,
        @DefaultValue("0") @Min(0) int eventLoops,
        @DefaultValue("standard") Profile profile,
        @DefaultValue @Valid CapsuleProperties capsules,
        @NotEmpty List<@Valid ListenerProperties> listeners,
        @DefaultValue @Valid TlsProperties tls,
        @DefaultValue @Valid DevelopmentProperties development,
        @DefaultValue @Valid DrainProperties drain,
        @DefaultValue ProxyStatusProperties proxyStatus,
        @DefaultValue @Valid QuicProperties quic,
        @DefaultValue @Valid QlogProperties qlog,
        @DefaultValue @Valid TargetProperties egress,
        @DefaultValue @Valid AuthProperties auth,
        @DefaultValue @Valid IssuerProperties issuer) {

    public List<FrontSettings> fronts() {
        var certificates =
                switch (egress.clients()) {
                    case TRUSTED -> ClientCertificates.REQUIRED;
                    case GATED -> ClientCertificates.WANTED;
                    case ANY -> ClientCertificates.IGNORED;
                };
        var fronts =
                new Fronts(listeners)
                                .toSettings(
                                        identifier,
                                        egress.maxTunnelsPerConnection(),
                                        capsulePolicy(),
                                        certificates)
                                .stream()
                                .map(front -> quic.applyTo(front, eventLoopCount()))
                                .toList();
        checkTrust(fronts);
        return egress.clients() == Clients.GATED
                ? fronts.stream()
                        .map(front -> front.with(front.offer().with(auth.concealment())))
                        .toList()
                : fronts;
    }

    private void checkTrust(List<FrontSettings> fronts) {
        for (int i = 0; i < fronts.size(); i++) {
            if (egress.clients() == Clients.TRUSTED
                    && fronts.get(i).clientCertificates() != ClientCertificates.REQUIRED) {
                throw new BadSettingException(
                        "relay.listeners[" + i + "].client-auth",
                        "lets in who has no certificate although relay.egress.clients is trusted",
                        "Leave it out, or set relay.egress.clients to gated");
            }
        }
    }

    /// The end of a chain leaves out what it does not know (RFC 9297, section 3.2).
    private CapsulePolicy capsulePolicy() {
        return capsules.toPolicy(profile, Unknown.IGNORE, new Fronts(listeners).capsuleTypes());
    }

    public int eventLoopCount() {
        return eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops;
    }
}
