package org.masquerelay.gate.config;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.gate.Admit;
import org.masquerelay.gate.ConnectSecurityChain;
import org.masquerelay.gate.ConnectSecurityCustomizer;
import org.masquerelay.gate.Gate;
import org.masquerelay.gate.GateRules;
import org.masquerelay.gate.OpenGate;
import org.masquerelay.gate.Scheme;
import org.masquerelay.gate.SpringGate;
import org.masquerelay.gate.basic.BasicScheme;
import org.masquerelay.gate.concealed.HiddenGate;
import org.masquerelay.gate.jwt.JwtScheme;
import org.masquerelay.gate.token.PrivateTokenScheme;
import org.masquerelay.gate.token.PrivateTokenScheme.Challenging;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.GreasedChallenges;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TrustedIssuers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.web.server.ServerHttpSecurity;

/// The gate of an app that provides its [AuthProperties] and its [OwnIssuer]. A bean of an operator
/// stands in for ours of the same type; every [Scheme] that is a bean can be named in
/// `relay.auth.admit`.
@Configuration(proxyBeanMethods = false)
@Import({
    MutualTlsConfiguration.class,
    KeySchemes.class,
    JwtConfiguration.class,
    BasicConfiguration.class,
    IssuersConfiguration.class,
    SpentTokensConfiguration.class
})
public class GateConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(GateConfiguration.class);

    static final String ADMIT = "relay.auth.admit";

    /// What `admit` can name without a bean of an operator.
    private static final List<String> BUILT_IN =
            List.of(BasicScheme.NAME, JwtScheme.NAME, PrivateTokenScheme.NAME);

    /// A scheme that names a tenant and holds nothing.
    static final int FIRST = 0;

    /// A scheme that holds something for the request comes after those that only look.
    private static final int LAST = Integer.MAX_VALUE;

    @Bean
    ChallengeWindows challengeWindows(AuthProperties auth, OwnIssuer ownIssuer) {
        if (auth.challengeGrace().compareTo(auth.challengeWindow()) > 0) {
            throw new BadSettingException(
                    "relay.auth.challenge-grace",
                    "is longer than relay.auth.challenge-window",
                    "Set it to at most the window");
        }
        var issuers = IssuersConfiguration.names(auth, ownIssuer);
        checkChallenges(auth, issuers);
        var plan =
                new ChallengeWindows.Plan(
                        issuers, auth.origins(), auth.challengeWindow(), auth.challengeGrace());
        return new ChallengeWindows(plan, ChallengeSecret.of(auth), InstantSource.system());
    }

    private static void checkChallenges(AuthProperties auth, List<String> issuers) {
        for (String issuer : issuers) {
            try {
                var _ = TokenChallenge.blindRsa(issuer, ImmutableBytes.EMPTY, List.of());
            } catch (IllegalArgumentException _) {
                throw new BadSettingException(
                        issuer.equals(auth.issuerName())
                                ? "relay.auth.issuer-name"
                                : "relay.auth.issuers",
                        "has a name that cannot be written into a challenge",
                        "Set it to a host name, with a port if it is not 443");
            }
        }
        try {
            var _ = TokenChallenge.blindRsa("issuer", ImmutableBytes.EMPTY, auth.origins());
        } catch (IllegalArgumentException _) {
            throw new BadSettingException(
                    "relay.auth.origins",
                    "has a name that cannot be written into a challenge",
                    "List host names, without spaces and commas");
        }
    }

    @Bean
    @Order(LAST)
    PrivateTokenScheme privateTokenScheme(
            AuthProperties auth,
            ChallengeWindows windows,
            TrustedIssuers issuers,
            SpentTokenStore spent) {
        var grease =
                Optional.of(auth.greaseOneIn())
                        .filter(oneIn -> oneIn > 0)
                        .map(oneIn -> new GreasedChallenges(new SecureRandom(), oneIn));
        var style = auth.quoteParams() ? ParameterStyle.QUOTED : ParameterStyle.BARE;
        return new PrivateTokenScheme(
                windows, issuers, spent, new Challenging(style, grease, InstantSource.system()));
    }

    @Bean
    @ConditionalOnMissingBean
    ConnectSecurityChain connectSecurityChain(
            AuthProperties auth,
            OwnIssuer ownIssuer,
            ObjectProvider<Scheme> schemes,
            ServerHttpSecurity http,
            ObjectProvider<ConnectSecurityCustomizer> customizers) {
        var admit = admit(auth);
        var known = schemes.orderedStream().toList();
        checkNames(admit, known);
        if (admit.schemes().contains(PrivateTokenScheme.NAME)) {
            checkIssuers(auth, ownIssuer);
        }
        return new GateRules(known, admit, auth.proxyChallenge())
                .chain(http, customizers.orderedStream().toList());
    }

    @Bean
    @ConditionalOnMissingBean
    Gate gate(AuthProperties auth, ConnectSecurityChain chain) {
        if (auth.admitsAnybody()) {
            LOG.warn("{} is anybody: everybody who reaches a listener gets tunnels", ADMIT);
            return new OpenGate();
        }
        var gate = new SpringGate(chain);
        return auth.isHidden() ? new HiddenGate(gate) : gate;
    }

    private static Admit admit(AuthProperties auth) {
        try {
            return auth.admitsAnybody() ? new Admit(List.of()) : Admit.parse(auth.admit());
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(
                    ADMIT,
                    "has an alternative that cannot be used: " + e.getMessage(),
                    "List names of schemes, such as token, or mtls+token where both are needed");
        }
    }

    private static void checkNames(Admit admit, List<Scheme> known) {
        var names = new TreeSet<>(BUILT_IN);
        known.forEach(scheme -> names.add(scheme.name()));
        for (var name : admit.schemes()) {
            if (!names.contains(name)) {
                throw new BadSettingException(
                        ADMIT,
                        "names " + name + ", which is no scheme",
                        "Name some of "
                                + String.join(", ", names)
                                + ", or anybody and nothing else");
            }
        }
    }

    private static void checkIssuers(AuthProperties auth, OwnIssuer ownIssuer) {
        if (auth.issuers().isEmpty() && !IssuersConfiguration.hasConfiguredKeys(auth, ownIssuer)) {
            throw new BadSettingException(
                    "relay.auth.issuer-keys",
                    "is empty, so no token could ever pass",
                    "Set it to the public keys of an issuer to trust, or relay.auth.issuers to"
                            + " issuers and their directories");
        }
    }
}
