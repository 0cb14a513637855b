package org.masquerelay.ingress.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.util.HashSet;
import java.util.List;
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
import org.masquerelay.gate.config.AuthProperties;
import org.masquerelay.gate.issuer.IssuerProperties;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/// All of `relay.*` of an ingress.
///
/// @param identifier how this relay calls itself in Proxy-Status
/// @param eventLoops threads that carry tunnels; 0 takes one per processor
/// @param maxTunnelsPerConnection a further tunnel of a client's connection is refused with 503
/// @param profile what the settings that are left out stand for
/// @param capsules what becomes of capsules
/// @param listeners where clients connect
/// @param tls what the listeners show
/// @param development what stands in where nothing is configured
/// @param drain how the relay stops
/// @param quic how the listeners treat QUIC packets of nobody in particular
/// @param qlog which QUIC connections are written down
/// @param upstream the next hop
/// @param passthrough the egresses that clients may talk to themselves
/// @param auth who may enter
/// @param issuer the token issuer
/// @param role what this process is for
@Validated
@ConfigurationProperties(prefix = "relay", ignoreUnknownFields = false)
public record IngressProperties(
        @DefaultValue("ingress") @NotBlank String identifier,
        @DefaultValue("0") @Min(0) int eventLoops,
        @DefaultValue("256") @Min(1) int maxTunnelsPerConnection,
        @DefaultValue("standard") Profile profile,
        @DefaultValue @Valid CapsuleProperties capsules,
        @NotEmpty List<@Valid ListenerProperties> listeners,
        @DefaultValue @Valid TlsProperties tls,
        @DefaultValue @Valid DevelopmentProperties development,
        @DefaultValue @Valid DrainProperties drain,
        @DefaultValue @Valid QuicProperties quic,
        @DefaultValue @Valid QlogProperties qlog,
        @DefaultValue @Valid UpstreamProperties upstream,
        @DefaultValue @Valid PassthroughProperties passthrough,
        @DefaultValue @Valid AuthProperties auth,
        @DefaultValue @Valid IssuerProperties issuer,
        @DefaultValue("ingress") Role role) {

    /// Whether nothing says that this is more than a trial on one machine.
    boolean usesDevelopmentCertificates() {
        return tls.bundle().isEmpty() && (isIssuer() || upstream.tlsBundle().isEmpty());
    }

    /// Whether this process issues tokens, and opens no tunnels.
    public boolean isIssuer() {
        return role == Role.ISSUER;
    }

    public List<FrontSettings> fronts() {
        return new Fronts(listeners)
                        .toSettings(
                                identifier,
                                maxTunnelsPerConnection,
                                capsulePolicy(),
                                ClientCertificates.IGNORED)
                        .stream()
                        .map(front -> front.with(front.offer().with(auth.concealment())))
                        .map(front -> quic.applyTo(front, eventLoopCount()))
                        .toList();
    }

    /// An intermediary sends on what it does not know (RFC 9297, section 3.2).
    public CapsulePolicy capsulePolicy() {
        var needed = new HashSet<>(new Fronts(listeners).capsuleTypes());
        needed.addAll(upstream.capsuleTypes());
        return capsules.toPolicy(profile, Unknown.FORWARD, needed);
    }

    public int eventLoopCount() {
        return eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops;
    }
}
