package org.masquerelay.gate.ops;

import org.springframework.boot.security.autoconfigure.actuate.web.reactive.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.CsrfSpec;
import org.springframework.security.web.server.SecurityWebFilterChain;

/// Guards the management port, which listens on this machine alone unless told otherwise: actuator
/// endpoints and nothing else.
///
/// An operator who opens it to a network publishes a [SecurityWebFilterChain] of their own, which
/// comes first.
@Configuration(proxyBeanMethods = false)
public class ManagementSecurity {
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    SecurityWebFilterChain managementFilters(ServerHttpSecurity http) {
        return http.csrf(CsrfSpec::disable)
                .authorizeExchange(rules ->
                        rules.matchers(EndpointRequest.toAnyEndpoint())
                                .permitAll()
                                .anyExchange()
                                .denyAll())
                .build();
    }

    /// Spans around every filter would cost a CONNECT a quarter of what the filters do.
    @Bean
    SecurityObservationSettings noSecurityObservations() {
        return SecurityObservationSettings.noObservations();
    }
}
