package org.masquerelay.ingress.gate;

import java.util.List;
import java.util.function.Supplier;
import org.masquerelay.ingress.gate.ChallengeEntryPoint.ProxyChallenge;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.TokenVerifier;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity.CorsSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.CsrfSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.FormLoginSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.HeaderSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.HttpBasicSpec;
import org.springframework.security.config.web.server.ServerHttpSecurity.LogoutSpec;
import org.springframework.security.web.server.authentication.AuthenticationWebFilter;
import org.springframework.security.web.server.authentication.ServerAuthenticationEntryPointFailureHandler;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.savedrequest.NoOpServerRequestCache;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;

/// The rules for tunnel requests: a token of a trusted issuer, and what operators add.
public final class TokenRules {
    private final ChallengeWindows windows;
    private final List<IssuerKey> issuerKeys;
    private final SpentTokenStore spent;
    private final Answers answers;

    /// How challenges are sent.
    ///
    /// @param style how their values are written
    /// @param proxyInKind whether Proxy-Authorization is answered with 407 and Proxy-Authenticate
    public record Answers(ParameterStyle style, boolean proxyInKind) {}

    public TokenRules(
            ChallengeWindows windows,
            List<IssuerKey> issuerKeys,
            SpentTokenStore spent,
            Answers answers) {
        this.windows = windows;
        this.issuerKeys = List.copyOf(issuerKeys);
        this.spent = spent;
        this.answers = answers;
    }

    /// Builds the chain from a fresh `http`.
    public ConnectSecurityChain chain(
            ServerHttpSecurity http, List<ConnectSecurityCustomizer> customizers) {
        Supplier<List<String>> challenges = this::challenges;
        var entryPoint =
                new ChallengeEntryPoint(
                        challenges,
                        answers.proxyInKind() ? ProxyChallenge.IN_KIND : ProxyChallenge.NEVER);
        withoutBrowserFeatures(http)
                .exceptionHandling(answer -> answer.authenticationEntryPoint(entryPoint))
                .addFilterAfter(privateToken(entryPoint), SecurityWebFiltersOrder.AUTHENTICATION);
        if (customizers.stream().allMatch(ConnectSecurityCustomizer::needsCredentials)) {
            http.addFilterAt(new EarlyChallengeFilter(entryPoint), SecurityWebFiltersOrder.FIRST);
        }
        customizers.forEach(customizer -> customizer.customize(http));
        http.authorizeExchange(rules -> rules.anyExchange().authenticated());
        return new ConnectSecurityChain(http.build());
    }

    /// One challenge per issuer key, all for the window that is current.
    private List<String> challenges() {
        var challenge = windows.current();
        var maxAge = windows.maxAge();
        return issuerKeys.stream()
                .map(key -> PrivateTokenChallenge.of(challenge, key, maxAge))
                .map(one -> one.format(answers.style()))
                .toList();
    }

    /// After Spring's own ways to authenticate, so that it is the token that names the request.
    private AuthenticationWebFilter privateToken(ChallengeEntryPoint entryPoint) {
        var verifier = new TokenVerifier(issuerKeys, windows::isLive);
        var filter = new AuthenticationWebFilter(new TokenRedeemer(verifier, spent));
        filter.setServerAuthenticationConverter(new PrivateTokenConverter());
        filter.setSecurityContextRepository(NoOpServerSecurityContextRepository.getInstance());
        var failure = new ServerAuthenticationEntryPointFailureHandler(entryPoint);
        filter.setAuthenticationFailureHandler(failure);
        return filter;
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
