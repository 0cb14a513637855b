package org.masquerelay.ingress.config;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.DrainProperties;
import org.masquerelay.boot.config.RelayTls;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.ingress.config.AuthProperties.Mode;
import org.masquerelay.ingress.gate.ConnectSecurityChain;
import org.masquerelay.ingress.gate.ConnectSecurityCustomizer;
import org.masquerelay.ingress.gate.Gate;
import org.masquerelay.ingress.gate.OpenGate;
import org.masquerelay.ingress.gate.SpringGate;
import org.masquerelay.ingress.gate.TokenRules;
import org.masquerelay.ingress.issuer.IssuerResource;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.SpentTokenStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.web.server.ServerHttpSecurity;

/// Turns the configuration into the parts of an ingress. A bean of an operator stands in for ours
/// of the same type.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(IngressProperties.class)
public class IngressConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(IngressConfiguration.class);

    /// A process that starts anew has forgotten the spent tokens, so it makes new challenges.
    private static final int SECRET_LENGTH = 32;

    /// Answers ordinary requests of the data listeners.
    public record PlainRequests(Function<PlainRequest, PlainResponse> answer) {}

    @Bean
    Listeners listeners(IngressProperties relay) {
        return new Listeners(relay.fronts());
    }

    @Bean
    static DrainProperties drainProperties(IngressProperties relay) {
        return relay.drain();
    }

    @Bean
    IngressTls ingressTls(IngressProperties relay, SslBundles bundles) {
        return IngressTls.of(relay, new RelayTls(bundles, relay.development()));
    }

    @Bean
    DevelopmentIssuer developmentIssuer(IngressProperties relay, IngressTls tls) {
        return DevelopmentIssuer.of(relay, tls);
    }

    @Bean
    PlainRequests plainRequests(DevelopmentIssuer issuer) {
        issuer.key()
                .ifPresent(_ ->
                        LOG.warn(
                                "The token issuer of this ingress is on: it gives a token"
                                        + " to whoever asks"));
        return new PlainRequests(
                issuer.key()
                        .<Function<PlainRequest, PlainResponse>>map(IssuerResource::new)
                        .orElse(IssuerResource.NONE));
    }

    @Bean
    ChallengeWindows challengeWindows(IngressProperties relay) {
        var auth = relay.auth();
        if (auth.challengeGrace().compareTo(auth.challengeWindow()) > 0) {
            throw new BadSettingException(
                    "relay.auth.challenge-grace",
                    "is longer than relay.auth.challenge-window",
                    "Set it to at most the window");
        }
        byte[] secret = new byte[SECRET_LENGTH];
        new SecureRandom().nextBytes(secret);
        var plan =
                new ChallengeWindows.Plan(
                        auth.issuerName(),
                        auth.origins(),
                        auth.challengeWindow(),
                        auth.challengeGrace());
        return new ChallengeWindows(plan, ImmutableBytes.copyOf(secret), InstantSource.system());
    }

    @Bean
    @ConditionalOnMissingBean
    SpentTokenStore spentTokenStore(IngressProperties relay, ChallengeWindows windows) {
        return new InMemorySpentTokens(relay.auth().maxSpentTokens(), windows::isLive);
    }

    @Bean
    @ConditionalOnMissingBean
    ConnectSecurityChain connectSecurityChain(
            IngressProperties relay,
            DevelopmentIssuer issuer,
            ChallengeWindows windows,
            SpentTokenStore spent,
            ServerHttpSecurity http,
            ObjectProvider<ConnectSecurityCustomizer> customizers) {
        var auth = relay.auth();
        var answers =
                new TokenRules.Answers(
                        auth.quoteParams() ? ParameterStyle.QUOTED : ParameterStyle.BARE,
                        auth.proxyChallenge());
        var keys = issuerKeys(auth, issuer);
        return new TokenRules(windows, keys, spent, answers)
                .chain(http, customizers.orderedStream().toList());
    }

    @Bean
    @ConditionalOnMissingBean
    Gate gate(IngressProperties relay, ConnectSecurityChain chain) {
        if (relay.auth().mode() == Mode.NONE) {
            LOG.warn("relay.auth.mode is none: everybody who reaches a listener gets tunnels");
            return new OpenGate();
        }
        return new SpringGate(chain);
    }

    private static List<IssuerKey> issuerKeys(AuthProperties auth, DevelopmentIssuer issuer) {
        var keys = new ArrayList<IssuerKey>(IssuerKeys.parse(auth.issuerKeys()));
        issuer.key().ifPresent(own -> keys.add(own.publicKey()));
        if (keys.isEmpty() && auth.mode() == Mode.TOKEN) {
            throw new BadSettingException(
                    "relay.auth.issuer-keys",
                    "is empty, so no token could ever pass",
                    "Set it to the public keys of the issuers to trust");
        }
        return keys;
    }
}
