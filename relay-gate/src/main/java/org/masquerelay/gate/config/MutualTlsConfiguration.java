package org.masquerelay.gate.config;

import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.gate.mtls.MutualTlsScheme;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/// Client certificates as a scheme.
@Configuration(proxyBeanMethods = false)
class MutualTlsConfiguration {
    /// It names the tenant.
    private static final int FIRST = Integer.MIN_VALUE;

    @Bean
    @Order(FIRST)
    MutualTlsScheme mutualTlsScheme(AuthProperties auth, Listeners listeners) {
        boolean asked =
                listeners.fronts().stream()
                        .anyMatch(
                                front -> front.clientCertificates() != ClientCertificates.IGNORED);
        if (auth.admits(MutualTlsScheme.NAME) && !asked) {
            throw new BadSettingException(
                    "relay.auth.admit",
                    "names mtls, but no listener asks clients for certificates",
                    "Set client-auth of a listener to want or require, and its client-trust");
        }
        return new MutualTlsScheme(auth.mtls().tenant());
    }
}
