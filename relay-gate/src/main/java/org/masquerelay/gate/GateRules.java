package org.masquerelay.gate;

import java.util.List;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.CorsSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.CsrfSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.FormLoginSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.HeaderSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.HttpBasicSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.LogoutSpec;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.web.server.authentication.AuthenticationWebFilter;
import org.springframework.security.web.server.authentication.ServerAuthenticationEntryPointFailureHandler;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.savedrequest.NoOpServerRequestCache;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;

/// The rules for tunnel requests: the schemes in force, how they combine, and what operators add.
///
/// @param schemes in the order in which they run; those that `admit` does not name are left out
public record GateRules(List<Scheme> schemes, Admit admit, ProxyChallenge proxyChallenge) {
    public GateRules {
        schemes =
                schemes.stream().filter(scheme -> admit.schemes().contains(scheme.name())).toList();
    }

    /// Builds the chain from a fresh `http`.
    public ConnectSecurityChain chain(
            ServerHttpSecurity http, List<ConnectSecurityCustomizer> customizers) {
        var entryPoint = new ChallengeEntryPoint(schemes, proxyChallenge);
        withoutBrowserFeatures(http)
                .exceptionHandling(answer -> answer.authenticationEntryPoint(entryPoint));
        // After Spring's own ways to authenticate, each behind the one before it.
        schemes.forEach(scheme ->
                http.addFilterAfter(
                        filter(scheme, entryPoint), SecurityWebFiltersOrder.AUTHENTICATION));
        http.addFilterBefore(
                new AdmitFilter(admit, entryPoint), SecurityWebFiltersOrder.AUTHORIZATION);
        if (customizers.stream().allMatch(ConnectSecurityCustomizer::needsCredentials)) {
            http.addFilterAt(
                    new EarlyChallengeFilter(schemes, entryPoint), SecurityWebFiltersOrder.FIRST);
        }
        customizers.forEach(customizer -> customizer.customize(http));
        http.authorizeExchange(rules -> rules.anyExchange().authenticated());
        return new ConnectSecurityChain(http.build());
    }

    private static AuthenticationWebFilter filter(Scheme scheme, ChallengeEntryPoint entryPoint) {
        var filter = new AuthenticationWebFilter(cumulative(scheme.manager()));
        filter.setServerAuthenticationConverter(scheme.converter());
        filter.setSecurityContextRepository(NoOpServerSecurityContextRepository.getInstance());
        filter.setAuthenticationFailureHandler(
                new ServerAuthenticationEntryPointFailureHandler(entryPoint));
        return filter;
    }

    /// Spring lets the last success name the request; here each takes up those before it.
    private static ReactiveAuthenticationManager cumulative(ReactiveAuthenticationManager one) {
        return presented ->
                one.authenticate(presented)
                        .cast(TunnelAuthentication.class)
                        .flatMap(success ->
                                ReactiveSecurityContextHolder.getContext()
                                        .mapNotNull(SecurityContext::getAuthentication)
                                        .map(success::after)
                                        .defaultIfEmpty(success));
    }

    /// CSRF protection would refuse every CONNECT, and sessions would take it off its event loop.
    private static ServerHttpSecurity withoutBrowserFeatures(ServerHttpSecurity http) {
        return http.securityMatcher(ServerWebExchangeMatchers.anyExchange())
                .csrf(CsrfSpec::disable)
                .cors(CorsSpec::disable)
                .headers(HeaderSpec::disable)
                .httpBasic(HttpBasicSpec::disable)
                .formLogin(FormLoginSpec::disable)
                .logout(LogoutSpec::disable)
                .requestCache(cache -> cache.requestCache(NoOpServerRequestCache.getInstance()))
                .securityContextRepository(NoOpServerSecurityContextRepository.getInstance());
    }
}
