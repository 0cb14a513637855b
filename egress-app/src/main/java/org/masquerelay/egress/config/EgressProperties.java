package org.masquerelay.egress.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import org.masquerelay.boot.config.CapsuleProperties;
import org.masquerelay.boot.config.DevelopmentProperties;
import org.masquerelay.boot.config.DrainProperties;
import org.masquerelay.boot.config.Fronts;
import org.masquerelay.boot.config.ListenerProperties;
import org.masquerelay.boot.config.Profile;
import org.masquerelay.boot.config.TlsProperties;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsulePolicy.Unknown;
import org.masquerelay.egress.config.TargetProperties.Clients;
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
/// @param egress who may open tunnels, and where to
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
        @DefaultValue @Valid TargetProperties egress) {

    public List<FrontSettings> fronts() {
        var certificates =
                egress.clients() == Clients.TRUSTED
                        ? ClientCertificates.REQUIRED
                        : ClientCertificates.IGNORED;
        return new Fronts(listeners)
                .toSettings(
                        identifier,
                        egress.maxTunnelsPerConnection(),
                        capsulePolicy(),
                        certificates);
    }

    /// The end of a chain leaves out what it does not know (RFC 9297, section 3.2).
    private CapsulePolicy capsulePolicy() {
        return capsules.toPolicy(profile, Unknown.IGNORE, new Fronts(listeners).capsuleTypes());
    }

    public int eventLoopCount() {
        return eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops;
    }
}
